"""Makes both quarters of stores out of the retailer's tables, into the table of the segmentation."""

if "data_loader" not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def make_store_waves(*_, **variables):
    """Return what was made, a line for each wave; a wave that is there already stays as it is, and needs no files."""
    from dtc_data.stores import ensure_store_wave
    from dtc_stack.mage import once_per_run, store_tables

    def work(run):
        made = [ensure_store_wave(run.engine(), run.catalogue, wave, store_tables()) for wave in run.waves]
        return {"made": [str(wave) for wave in made]}

    return once_per_run("make_store_waves", variables, work)
