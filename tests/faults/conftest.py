from tests.faults.broker import broker

__all__ = ["broker"]
