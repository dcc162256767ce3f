"""How a store came to its present tables: one module a step, run in order by ``store.migrating``."""
