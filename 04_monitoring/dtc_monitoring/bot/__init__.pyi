from .bot import SegmentBot as SegmentBot
from .bot_replies import Desk as Desk
