"""Order protection by Orderguard in the checkout of django-oscar."""

__version__ = "0.2.0"
