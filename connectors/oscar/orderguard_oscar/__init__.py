"""Order protection by Orderguard in the checkout of django-oscar."""

__version__ = "0.1.0"
