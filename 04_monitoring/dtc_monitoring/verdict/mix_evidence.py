"""The evidence that the personas' shares changed."""

from scipy import stats

from dtc_monitoring.scoring import WaveComparison
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict.evidence import SHARE, Evidence, SegmentShare


def mix_evidence(
    compared: WaveComparison, shares: tuple[SegmentShare, ...], settings: DriftSettings
) -> tuple[Evidence, ...]:
    """Give all personas together, then each."""
    largest = max((share.after - share.before for share in shares), key=abs)
    clear = compared.mix_p <= settings.mix_false_alarms
    statistic = float(compared.mix.statistics(compared.mix.scores)[0])
    together = Evidence(
        kind="mix",
        name="all personas",
        statistic=statistic,
        effect=largest,
        effect_unit=SHARE,
        p_value=compared.mix_p,
        flagged=clear and abs(largest) >= settings.smallest_share_change,
        words="; ".join(share_in_words(share) for share in shares) + ".",
    )
    singles = []
    for share, z in zip(shares, compared.mix.z, strict=True):
        change = share.after - share.before
        p_value = float(2 * stats.norm.sf(abs(z)))
        flagged = together.flagged and abs(change) >= settings.smallest_share_change
        words = share_in_words(share) + "."
        singles.append(Evidence("mix", share.segment, float(z), change, SHARE, p_value, flagged=flagged, words=words))
    return (together, *singles)


def share_in_words(share: SegmentShare) -> str:
    """Say whose share changed from what to what."""
    return f"{share.segment}: {share.before:.0%} before, {share.after:.0%} now"
