"""Keeps the catalogue's features of both waves, and fails by name when a wave holds nobody."""

if "transformer" not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def select_features(reference, current, *_, **variables):
    """Stack both waves into one frame with a column that tells them apart."""
    from dtc_data.tables import stack_waves
    from dtc_stack.mage import RunVariables

    run = RunVariables.read(variables)
    return stack_waves(reference, current, run.catalogue, run.reference_wave, run.current_wave)
