"""How recorded traffic of the real Daily differs from the contract (docs/drift.md)."""
