"""Which part of a large wave a verdict rests on, and how far that part is off."""

from dataclasses import replace

from dtc_data.catalogue import Words
from dtc_data.tables import WaveSample, mean_error, share_error

from dtc_monitoring.verdict.verdict import DriftVerdict


def with_samples(verdict: DriftVerdict, reference: WaveSample, current: WaveSample, words: Words) -> DriftVerdict:
    """Return a verdict that says of which samples it was reached; the same one if everybody was looked at.

    Parameters
    ----------
    verdict : DriftVerdict
        Reached from the samples.
    reference, current : WaveSample
        Of which waves they are.
    words : Words
        What the units are called.
    """
    if not (reference.is_part or current.is_part):
        return verdict
    basis = verdict.basis
    sizes = (
        (verdict.n_reference, basis.effective_reference, reference, "reference"),
        (verdict.n_current, basis.effective_current, current, "current"),
    )
    said = " and of ".join(
        f"{taken:,} of the {words.units_counted(sample.units)} of the {name} wave"
        for taken, _, sample, name in sizes
        if sample.is_part
    )
    parts = [(min(taken, effective or taken), sample.units) for taken, effective, sample, _ in sizes if sample.is_part]
    share, mean = (max(error(taken, units) for taken, units in parts) for error in (share_error, mean_error))
    sampled = (
        f"The verdict was reached from a sample of {said}, chosen by a hash of their ids: a share in it is off by at most "
        f"{100 * share:.2f} percentage points and a mean by {mean:.4f} standard deviations in 95 of 100 such samples."
    )
    stated = replace(basis, sampled=sampled, wave_reference=reference.units, wave_current=current.units)
    return replace(verdict, basis=stated)
