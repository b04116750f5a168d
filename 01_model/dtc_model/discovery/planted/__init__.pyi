from .planted_mixture import NOISE as NOISE
from .planted_mixture import NoiseLevel as NoiseLevel
from .planted_mixture import PlantedMixture as PlantedMixture
from .planted_truth import Recovery as Recovery
from .planted_truth import recover as recover
from .planted_truth import verdict_in_words as verdict_in_words
