"""What Orderguard is compared with."""
