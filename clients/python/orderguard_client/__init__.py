"""Orderguard for shops written in Python: `analyze` never raises, `push_order` does."""

from orderguard_client.core.client import *  # its `__all__` is the public interface
from orderguard_client.core.client import __all__ as __all__
