"""Checks the run's variables and names the table and the two half-open date ranges that the SQL blocks load."""

if "data_loader" not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def name_waves(*_, **variables):
    """Give what the SQL blocks need, all of it checked."""
    from dtc_stack.run_variables import RunVariables

    return RunVariables.read(variables).sql_parameters()
