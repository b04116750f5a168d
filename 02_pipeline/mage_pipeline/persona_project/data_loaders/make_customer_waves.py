"""Makes both waves of customers out of the transactions, into the table of the segmentation."""

if "data_loader" not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def make_customer_waves(*_, **variables):
    """Return what was made, a line for each wave; a wave that is there already stays as it is."""
    from dtc_data.transactions import make_customer_waves as make
    from dtc_stack.mage import once_per_run

    def work(run):
        # Nobody watches the monthly run: what breaks off is refused, and told.
        made = [
            wave
            for month in run.waves
            for wave in make(run.engine(), month, month, catalogue=run.catalogue, whole=True)
        ]
        return {"made": [str(wave) for wave in made]}

    return once_per_run("make_customer_waves", variables, work)
