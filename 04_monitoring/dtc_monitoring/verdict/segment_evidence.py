"""The evidence about segments: answers within them, distance to them, and their shares."""

from dataclasses import dataclass, replace
from typing import Final

from dtc_data import Catalogue, Feature
from dtc_data.catalogue import capital
from scipy import stats

from dtc_monitoring.reference import FEATURES, FIT, FIT_BY_SEGMENT, TAIL, TAIL_PERCENTILES, Family, FamilyKind
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
        words, segments = self.catalogue.words, self.catalogue.segment_names
        everybody, scores = len(segments), range(len(self.compared.scores))
        found = [self._joint(FEATURES, "all features", f"all {words.units}")]
        found += [self._shift(FEATURES, everybody, j) for j in scores]
        of_segments = [family for family in self.compared.families if family.kind is FamilyKind.FEATURES_OF_SEGMENT]
        for k, (family, segment) in enumerate(zip(of_segments, segments, strict=True)):
            found.append(self._joint(family, f"all features of {segment}", segment))
            found += [shift for j in scores if (shift := self._shift(family, k, j)).flagged]
        found.append(self._distance(FIT, 0, f"all {words.units}", f"{capital(words.units)} lie"))
        found += [
            self._distance(FIT_BY_SEGMENT, k, segment, f"{_whose(segment)} {words.units} lie")
            for k, segment in enumerate(segments)
        ]
        found += [self._tail(i, percentile) for i, percentile in enumerate(TAIL_PERCENTILES)]
        if self.compared.within.n_groups:
            found.append(self._group())
        return tuple(found)

    def _joint(self, family: Family, name: str, who: str) -> Evidence:
        """Weigh all features together; the effect is the largest of theirs."""
        statistic, p_value = self.compared.tested[family]
        effects = self.compared.effects[self.compared.families[family]]
        largest = int(abs(effects).argmax())
        effect = float(effects[largest])
        flagged = p_value <= self.settings.false_alarms and abs(effect) >= self.settings.smallest_shift
        words = f"Features together, {who}: the largest change is {effect:+.2f} spreads, in {self._titled(largest)}."
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

    def _shift(self, family: Family, segment: int, offset: int) -> Evidence:
        """Compare one answer, or the share of one value, within a segment or, behind the last one, within all."""
        said, names = self.catalogue.words, self.catalogue.segment_names
        of_all, effect = segment == len(names), self._effect(family, offset)
        who = f"{said.units} of the same {said.segment}" if of_all else f"{_whose(names[segment])} {said.units}"
        name = self._name(offset) if of_all else f"{self._name(offset)} of {names[segment]}"
        is_share = self._is_share(offset)
        words = self._share_shift(segment, offset, effect, who) if is_share else self._number_shift(offset, effect, who)
        kind = _Kind("features", "feature", SPREADS, self.settings.smallest_shift)
        return self._single(kind, family, offset, name, words)

    def _number_shift(self, offset: int, effect: float, who: str) -> str:
        feature = self.catalogue.features[self.compared.scores[offset].feature]
        return (
            f"{feature.title} is {abs(effect):.2f} spreads {'higher' if effect > 0 else 'lower'} than before for {who}."
        )

    def _share_shift(self, segment: int, offset: int, effect: float, who: str) -> str:
        """Say the shares that belong to an effect; over all segments they are those of the reference wave's mix."""
        before = float(self.compared.value_shares[segment, offset])
        after = min(max(before + effect * float(self.compared.share_steps[segment, offset]), 0.0), 1.0)
        feature, value = self._value(offset)
        return f"{feature.title} is {value} for {after:.0%} of {who}; it was {before:.0%} before."

    def _is_share(self, offset: int) -> bool:
        return self.compared.scores[offset].level is not None

    def _value(self, offset: int) -> tuple[Feature, str]:
        score = self.compared.scores[offset]
        feature = self.catalogue.features[score.feature]
        return feature, list(feature.codes)[int(score.level or 0)]

    def _name(self, offset: int) -> str:
        if not self._is_share(offset):
            return self.catalogue.feature_names[self.compared.scores[offset].feature]
        feature, value = self._value(offset)
        return f"{feature.name} = {value}"

    def _titled(self, offset: int) -> str:
        """Say what a score is about, as people call it."""
        if not self._is_share(offset):
            return self.catalogue.features[self.compared.scores[offset].feature].title
        feature, value = self._value(offset)
        return f"{feature.title} = {value}"

    def _distance(self, family: Family, offset: int, name: str, who: str) -> Evidence:
        effect = self._effect(family, offset)
        words = (
            f"{who} {'further from' if effect > 0 else 'nearer to'} their {self.catalogue.words.segment} than before "
            f"({effect:+.2f} spreads)."
        )
        scope: Scope = "all" if family == FIT else "segment"
        kind = _Kind("fit", scope, SPREADS, self.settings.smallest_shift)
        return self._single(kind, family, offset, name, words)

    def _tail(self, offset: int, percentile: float) -> Evidence:
        effect, words_of = self._effect(TAIL, offset), self.catalogue.words
        words = (
            f"{1 - percentile / 100 + effect:.0%} lie further from every {words_of.segment} than {percentile:g}% of the "
            f"reference {words_of.units} did; {1 - percentile / 100:.0%} is usual."
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
        said = self.catalogue.words
        words = f"A group of {said.units} alike that no {said.segment} describes: {effect:+.0%} of all {said.units} at least."
        far = float(self.compared.effects[self.compared.families[TAIL]].max())
        if far > SCATTER * effect:
            words = (
                f"{effect:+.0%} of all {said.units} lie near each other and far from every {said.segment}. As {far:+.0%} lie far "
                f"from every {said.segment}, these need not be a group of their own."
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
    compared: WaveComparison, shares: tuple[SegmentShare, ...], segments: str, settings: DriftSettings
) -> tuple[Evidence, ...]:
    """Return all segments together, then each; ``segments`` is what people call them."""
    largest = max((share.after - share.before for share in shares), key=abs)
    clear = compared.mix_p <= settings.mix_false_alarms
    statistic = float(compared.mix.statistics(compared.mix.scores)[0])
    together = Evidence(
        kind="mix",
        name=f"all {segments}",
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


def _whose(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def share_in_words(share: SegmentShare) -> str:
    """Say whose share changed from what to what."""
    return f"{share.segment}: {share.before:.0%} before, {share.after:.0%} now"
