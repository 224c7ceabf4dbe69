"""A small dialogue for tests: two turns, a hidden fact, three ends."""

import copy
from functools import cache

DIALOGUE = """
id: cmp-d1
name: {zh-hans: 说好今天能取, en: Promised for today}
difficulty: medium
category: 02-our-fault
client: {zh-hans: 罗女士, en: Ms Luo}
scene: {zh-hans: 周一上午，罗女士来取预约的现金。, en: "Monday morning, Ms Luo comes for the cash she ordered."}
mood: 3
facts:
  - {id: slip, text: {zh-hans: 她手里有预约回执。, en: She holds the slip.}}
turns:
  - id: t1
    title: {zh-hans: 请坐与复述, en: Her own words back}
    says: {zh-hans: 说好今天能取的, en: You said today?}
    choices:
      - {id: a, text: {zh-hans: 您请坐，您是说约好了今天, en: Please sit}, mood: +1, points: 2, reveals: [slip], feedback: {zh-hans: 先复述, en: Heard first}, goes_to: t2}
      - {id: b, text: {zh-hans: 系统里没有, en: Nothing in the system}, mood: -1, points: 0, feedback: {zh-hans: 推给系统, en: Blames the system}, goes_to: t2}
      - {id: c, text: {zh-hans: 您记错了吧, en: You are mistaken}, mood: -2, points: 0, breach: true, feedback: {zh-hans: 否定客户, en: Denies}, goes_to: t2}
  - id: t2
    says: {zh-hans: 那现在怎么办, en: And now}
    says_if:
      - {known: slip, says: {zh-hans: 回执在这里, en: Here is the slip}}
    choices:
      - {id: a, text: {zh-hans: 我来看回执, en: Let me see it}, mood: 1, points: 3, needs: [slip], feedback: {zh-hans: 核实, en: Checks}, goes_to: end}
      - {id: b, text: {zh-hans: 我去问一下, en: I will ask}, mood: 0, points: 1, feedback: {zh-hans: 可以, en: Fair}, goes_to: end}
      - {id: c, text: {zh-hans: 明天再来, en: Come tomorrow}, mood: -1, points: 0, feedback: {zh-hans: 推走, en: Sends away}, goes_to: end}
ends:
  - {id: won, kind: won, needs: {points: 5, mood: 4, no_breach: true, facts: [slip]}, text: {zh-hans: 她道了谢, en: She thanks you}}
  - {id: scraped, kind: scraped, needs: {points: 1}, text: {zh-hans: 她走了, en: She leaves}}
  - {id: lost, kind: lost, text: {zh-hans: 她去投诉了, en: She complains}}
debrief: {zh-hans: 先复述，再核实。, en: Words first and facts next.}
"""


def dialogue() -> dict:
    """The body, fresh each time."""
    return copy.deepcopy(_read())


@cache
def _read() -> dict:
    from quizzes.interchange import read_dialogue

    return read_dialogue(DIALOGUE).body
