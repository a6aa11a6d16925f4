"""The servers that Orderguard is compared with."""
