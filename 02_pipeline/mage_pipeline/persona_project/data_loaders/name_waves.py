"""Checks the run's variables, the table and the catalogue, and names the half-open date ranges and the samples that the SQL blocks load."""

if "data_loader" not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def name_waves(*_, **variables):
    """Return what the SQL blocks need, all of it checked."""
    from dtc_stack.mage import RunVariables, loading_began

    run = RunVariables.read(variables)
    run.require_table()
    run.require_catalogue()
    loading_began(variables)
    return run.sql_parameters() | run.sql_samples()
