"""The columns of the bank's training register and the words that stand in them: it speaks Chinese, by rule."""

# Beside the columns: what of a row has an English name.
ENGLISH = "english"
# What the row tells of: its kind, the key of the person, and that of the completed course, the session or the entry.
FACT = "fact"
# The columns of the bank's training register, in its order and words.
COLUMNS = [
    "序号",
    "工号",
    "姓名",
    "一级分行",
    "支行/网点",
    "部门",
    "岗位",
    "资格等级",
    "入职日期",
    "项目名称",
    "类别",
    "形式",
    "主办部门",
    "讲师/提供方",
    "开始",
    "结束",
    "地点",
    "学时",
    "签到",
    "签退",
    "考试名称",
    "成绩",
    "合格线",
    "次数",
    "是否合格",
    "学时认定",
    "佐证材料",
    "经办人",
    "复核人",
    "备注",
]
COURSE, CLASS, ENTRY = "course", "class", "entry"
CATEGORIES = {
    "profession": "业务知识",
    "compliance": "合规与风险",
    "skills": "服务与营销技能",
    "management": "管理能力",
    "general": "综合素养",
}
FORMS = {"classroom": "面授", "blended": "混合", "online": "线上"}
RECOGNITION = {
    "yes": "是",
    "absent": "否，未签到",
    "late": "否，迟到",
    "left_early": "否，早退",
    "no_score": "否，无成绩",
    "below": "否，成绩未达合格线",
}
HOW = {"code": "本人扫码", "typed": "主办方登记"}
