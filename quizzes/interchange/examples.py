"""A client dialogue and a case as their files say them: what the import page shows, and what is read as it stands."""

DIALOGUE = """\
id: pension-queue
client: {zh-hans: "秦老师", en: "Mrs Qin"}
scene: {zh-hans: "排了半小时，系统出了故障。", en: "Half an hour in the queue, and the system is down."}
mood: 3
turns:
  - id: t1
    says: {zh-hans: "还要等多久？", en: "How much longer?"}
    choices:
      - {id: a, text: {zh-hans: "还要一刻钟，您先坐。", en: "A quarter of an hour. Please sit down."}, mood: 1, points: 2, goes_to: end}
      - {id: b, text: {zh-hans: "我也不知道。", en: "I have no idea."}, mood: 0, points: 1, goes_to: end}
      - {id: c, text: {zh-hans: "大家都在等。", en: "Everybody waits."}, mood: -1, points: 0, goes_to: end}
ends:
  - {id: won, kind: won, needs: {mood: 4, no_breach: true}, text: {zh-hans: "她坐下等。", en: "She sits down."}}
  - {id: scraped, kind: scraped, needs: {points: 1}, text: {zh-hans: "她站着等。", en: "She waits standing."}}
  - {id: lost, kind: lost, text: {zh-hans: "她走了。", en: "She leaves."}}
debrief: {zh-hans: "先说要等多久。", en: "Say first how long it takes."}
"""

CASE = """\
code: cash-day
title: {zh-hans: "现金日", en: "A day of cash"}
stem:
  zh-hans: |
    上午十点，网点只开两个窗口。
  en: |
    At ten only two windows are open.
questions: [cash-1, cash-2]
"""
