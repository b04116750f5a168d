"""The evidence about segments: answers within them, distance to them, and their shares."""

from dataclasses import dataclass, replace
from typing import Final

from dtc_data import Catalogue
from scipy import stats

from dtc_monitoring.reference import FEATURES, FIT, FIT_BY_SEGMENT, TAIL, TAIL_PERCENTILES, Family, features_of
from dtc_monitoring.scoring import WaveComparison
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict.evidence import SHARE, SPREADS, Evidence, Kind, Scope, SegmentShare

SMALLEST_TAIL: Final = 0.05
"""Smallest growth of the share of respondents far from every persona that is worth acting on."""
SMALLEST_GROUP: Final = 0.02
"""Smallest growth of a group that no persona describes. Members count by how probably they belong to it, which makes it look smaller."""

SCATTER: Final = 5.0
"""Where so many times more respondents lie far from every persona than in the clearest group, everybody scatters. (Simulated waves
of 500: 14 to 40 times where the spread grew, at most 3 times where a group is new.)"""


@dataclass(frozen=True)
class _Kind:
    """What single comparisons have in common."""

    kind: Kind
    scope: Scope
    effect_unit: str
    smallest: float
    """Effect that is worth acting on."""


@dataclass(frozen=True)
class WithinEvidence:
    """Writes down what was found within personas."""

    compared: WaveComparison
    catalogue: Catalogue
    settings: DriftSettings

    def pieces(self) -> tuple[Evidence, ...]:
        """Return all features together, each of them, then the same per persona as far as it is flagged, and the fit."""
        names, segments = self.catalogue.feature_names, self.catalogue.segment_names
        found = [self._joint(FEATURES, "all features", "all respondents")]
        found += [
            self._shift(FEATURES, j, name, f"Respondents of the same persona answer {name}")
            for j, name in enumerate(names)
        ]
        for k, segment in enumerate(segments):
            family = features_of(k)
            found.append(self._joint(family, f"all features of {segment}", segment))
            shifts = [
                self._shift(family, j, f"{name} of {segment}", f"{segment} answers {name}")
                for j, name in enumerate(names)
            ]
            found += [shift for shift in shifts if shift.flagged]
        found.append(self._distance(FIT, 0, "all respondents", "Respondents lie"))
        found += [
            self._distance(FIT_BY_SEGMENT, k, segment, f"{segment}'s respondents lie")
            for k, segment in enumerate(segments)
        ]
        found += [self._tail(i, percentile) for i, percentile in enumerate(TAIL_PERCENTILES)]
        if self.compared.within.n_groups:
            found.append(self._group())
        return tuple(found)

    def _joint(self, family: Family, name: str, who: str) -> Evidence:
        """Weigh all features together; the effect is the largest of theirs."""
        statistic, p_value = self.compared.tested(family)
        effects = self.compared.effects[self.compared.families[family]]
        largest = int(abs(effects).argmax())
        effect = float(effects[largest])
        feature = self.catalogue.feature_names[largest]
        flagged = p_value <= self.settings.false_alarms and abs(effect) >= self.settings.smallest_shift
        words = f"Features together, {who}: the largest change is {effect:+.2f} spreads, in {feature}."
        return Evidence(
            kind="features",
            name=name,
            words=words,
            flagged=flagged,
            scope="all",
            statistic=statistic,
            effect=effect,
            effect_unit=SPREADS,
            p_value=p_value,
        )

    def _shift(self, family: Family, offset: int, name: str, who: str) -> Evidence:
        effect = self._effect(family, offset)
        words = f"{who} {abs(effect):.2f} spreads {'higher' if effect > 0 else 'lower'} than before."
        kind = _Kind("features", "feature", SPREADS, self.settings.smallest_shift)
        return self._single(kind, family, offset, name, words)

    def _distance(self, family: Family, offset: int, name: str, who: str) -> Evidence:
        effect = self._effect(family, offset)
        words = (
            f"{who} {'further from' if effect > 0 else 'nearer to'} their persona than before ({effect:+.2f} spreads)."
        )
        scope: Scope = "all" if family == FIT else "segment"
        kind = _Kind("fit", scope, SPREADS, self.settings.smallest_shift)
        return self._single(kind, family, offset, name, words)

    def _tail(self, offset: int, percentile: float) -> Evidence:
        effect = self._effect(TAIL, offset)
        words = (
            f"{1 - percentile / 100 + effect:.0%} lie further from every persona than {percentile:g}% of the "
            f"reference respondents did; {1 - percentile / 100:.0%} is usual."
        )
        name = f"beyond the {percentile:g}th percentile"
        piece = self._single(_Kind("fit", "tail", SHARE, SMALLEST_TAIL), TAIL, offset, name, words)
        return replace(piece, flagged=piece.flagged and effect > 0)

    def _group(self) -> Evidence:
        """Tell of the group that became most clearly more frequent."""
        test = self.compared.within
        p_value = float(test.p_values(test.scores)[-1])
        position = len(test.scores) - test.n_groups + int(test.z[-test.n_groups :].argmax())
        z, effect = float(test.z[position]), float(self.compared.effects[position])
        words = f"A group of respondents alike whom no persona describes: {effect:+.0%} of all respondents at least."
        far = float(self.compared.effects[self.compared.families[TAIL]].max())
        if far > SCATTER * effect:
            words = (
                f"{effect:+.0%} of all respondents lie near each other and far from every persona. As {far:+.0%} lie far from "
                "every persona, these need not be a group of their own."
            )
        flagged = p_value <= self.settings.false_alarms and effect >= SMALLEST_GROUP
        return Evidence(
            kind="fit",
            name="a new group",
            words=words,
            flagged=flagged,
            scope="group",
            statistic=z,
            effect=effect,
            effect_unit=SHARE,
            p_value=p_value,
        )

    def _effect(self, family: Family, offset: int) -> float:
        return float(self.compared.effects[self.compared.families[family]][offset])

    def _single(self, kind: _Kind, family: Family, offset: int, name: str, words: str) -> Evidence:
        position = self.compared.families[family].start + offset
        z, effect = float(self.compared.within.z[position]), float(self.compared.effects[position])
        p_value = float(2 * stats.norm.sf(abs(z)))
        # Scores are free of the mix, effects compare means: only where both point the same way is it told.
        clear = p_value <= self.settings.false_alarms and z * effect > 0
        return Evidence(
            kind=kind.kind,
            name=name,
            words=words,
            flagged=clear and abs(effect) >= kind.smallest,
            scope=kind.scope,
            statistic=z,
            effect=effect,
            effect_unit=kind.effect_unit,
            p_value=p_value,
        )


def mix_evidence(
    compared: WaveComparison, shares: tuple[SegmentShare, ...], settings: DriftSettings
) -> tuple[Evidence, ...]:
    """Return all personas together, then each."""
    largest = max((share.after - share.before for share in shares), key=abs)
    clear = compared.mix_p <= settings.mix_false_alarms
    statistic = float(compared.mix.statistics(compared.mix.scores)[0])
    together = Evidence(
        kind="mix",
        name="all personas",
        scope="all",
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
        singles.append(
            Evidence(
                kind="mix",
                name=share.segment,
                words=words,
                flagged=flagged,
                scope="segment",
                statistic=float(z),
                effect=change,
                effect_unit=SHARE,
                p_value=p_value,
            )
        )
    return (together, *singles)


def share_in_words(share: SegmentShare) -> str:
    """Say whose share changed from what to what."""
    return f"{share.segment}: {share.before:.0%} before, {share.after:.0%} now"
