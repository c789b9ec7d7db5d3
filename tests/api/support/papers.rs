//! What people write, as they send it: short, so that a story stays readable.

use serde_json::{Value, json};

use super::places::GRID;

/// The petitioner of most stories; nothing of this may ever be seen whole.
pub const NAME: &str = "欧阳桂芳";
pub const PHONE: &str = "13812345678";
pub const IDENTITY: &str = "11010519491231002X";

/// A resident card number for the serial, its check character right (GB 11643).
pub fn identity(serial: u32) -> String {
    let digits = format!("33010219800101{:03}", serial % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", char::from(b"10X98765432"[usize::try_from(sum % 11).unwrap()]))
}

/// A claim of two parts by one person with a resident card.
pub fn claim() -> Value {
    json!({
        "purpose": "claim",
        "channel": "visit",
        "subject": "拖欠三个月工资",
        "narrative": "在某工地做工，三个月工资三万六千元至今未付，请求支付并赔偿。",
        "claims": ["支付拖欠工资36000元", "赔偿精神损失10万元"],
        "region": GRID,
        "petitioners": [{
            "name": NAME, "phone": PHONE, "address": "清波街道荷花池头21号",
            "identity": {"kind": "resident_card", "number": IDENTITY}
        }]
    })
}

/// The petition with other fields.
pub fn but(mut petition: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        petition[name] = value.clone();
    }
    petition
}

/// A petition of somebody else.
pub fn claim_of(serial: u32) -> Value {
    let person = json!({
        "name": format!("赵{serial}"),
        "identity": {"kind": "resident_card", "number": identity(serial)}
    });
    but(claim(), json!({"petitioners": [person]}))
}

pub fn transfer(to: impl ToString) -> Value {
    json!({"mode": "transfer", "to": to.to_string(), "reason": "属贵单位职责范围，请依法办理"})
}

pub fn assign(to: impl ToString, due: &str) -> Value {
    json!({"mode": "assign", "to": to.to_string(), "reason": "请报结果", "feedback_due_on": due})
}

pub fn accept() -> Value {
    json!({"decision": "accept", "notice": "in_person", "document_no": "区人社信受〔2026〕12号"})
}

pub fn first_petition() -> Value {
    json!({"repeat_of": null, "reason": "经核对，不是同一事项"})
}

pub fn repeat_of(earlier: &str) -> Value {
    json!({"repeat_of": earlier, "reason": "同一事实和理由"})
}

pub fn handlers(users: &[impl ToString]) -> Value {
    let declared = |user: &dyn ToString| json!({"user": user.to_string(), "direct_interest": false});
    json!({"handlers": users.iter().map(|user| declared(user)).collect::<Vec<_>>()})
}

/// The findings on the claims in their order, with hardship and unlawful conduct or without.
pub fn findings(claims: &[&str], grave: bool, today: &str) -> Value {
    let claims: Vec<_> = claims
        .iter()
        .zip(1..)
        .map(|(found, no)| json!({"claim": no, "reasonableness": found, "facts": "经调查核实"}))
        .collect();
    let conduct: &[&str] = if grave { &["lingering_or_abandoning"] } else { &[] };
    json!({
        "claims": claims,
        "hardship": {"hardship": grave, "circumstances": "入户核查家庭收入", "checked_on": today},
        "conduct": {"conduct": conduct, "facts": "接待大厅值班记录"}
    })
}

/// An opinion that answers the claims in their order.
pub fn opinion(facts: &str, results: &[&str]) -> Value {
    let answers: Vec<_> = results
        .iter()
        .zip(1..)
        .map(|(result, no)| {
            json!({"claim": no, "result": result, "reasons": "事实清楚", "legal_basis": "《劳动法》第五十条"})
        })
        .collect();
    json!({"facts": facts, "answers": answers})
}

pub fn issue() -> Value {
    json!({"document_no": "区人社信处〔2026〕12号"})
}

pub fn deliver(document: &str, on: &str) -> Value {
    json!({"document": document, "way": "in_person", "delivered_on": on, "recipient": "信访人本人", "signed": true})
}

pub fn plan(owner: impl ToString, due: &str) -> Value {
    json!({"owner": owner.to_string(), "plan": "按期落实", "due_on": due})
}

/// The proof that the measure needs; for resolving, of claim 1.
pub fn report(kind: &str, today: &str) -> Value {
    let evidence = match kind {
        "resolve" => json!({
            "actions": [{"claim": 1, "proof": "payment_voucher", "reference": "转账凭证1号", "done_on": today}],
            "petitioner_receipt": "signed"
        }),
        "educate" => json!({
            "talks": [{"official": "张副局长", "held_on": today, "legal_reasons": "精神损失赔偿没有法律依据",
                "present": ["社区律师"], "petitioner_reaction": "表示理解"}],
            "explanation_handed_on": today
        }),
        "assist" => json!({
            "grants": [{"kind": "temporary_relief", "application_no": "临救2026-17", "granting_organ": "区民政局",
                "amount_fen": 300_000, "granted_on": today}]
        }),
        _ => json!({
            "dissuasions": [{"official": "值班领导", "done_on": today, "reaction": "当场离开"}],
            "proofs": ["监控录像3号"]
        }),
    };
    json!({"summary": "已落实到位", "evidence": but(json!({"kind": kind}), evidence)})
}

pub fn verdict(passed: bool) -> Value {
    json!({"passed": passed, "remark": "现场查看并电话核实"})
}

pub fn closing() -> Value {
    json!({"report": "逐项落实，信访人满意", "petitioner_view": "agrees"})
}

pub fn rating(unit: &str) -> Value {
    json!({"petition_department": "satisfied", "responsible_unit": unit, "comment": "问题解决了"})
}

pub fn visit(on: &str, satisfaction: &str) -> Value {
    json!({"visited_on": on, "way": "home", "words": "我说几句", "satisfaction": satisfaction})
}

pub fn appeal() -> Value {
    json!({"grounds": "对处理意见不服，认定事实有误"})
}

pub fn admit() -> Value {
    json!({"admitted": true, "reason": "符合条件", "notice": "post"})
}

pub fn review(outcome: &str) -> Value {
    json!({
        "outcome": outcome, "document_no": "区政信复〔2026〕3号", "facts": "经审查查明",
        "reasons": "理由如下", "legal_basis": "《信访工作条例》第三十五条"
    })
}

pub fn charge(leader: impl ToString, target_on: &str) -> Value {
    json!({
        "leader": leader.to_string(), "commitments": ["know", "explain", "resolve", "end"],
        "plan": "每周约谈一次，协调有关部门化解", "target_on": target_on
    })
}

pub fn charge_report(kept: &[&str]) -> Value {
    json!({"progress": "已与信访人见面两次", "kept": kept})
}

pub fn charge_handover(to: impl ToString) -> Value {
    json!({"to": to.to_string(), "reason": "工作调整", "open_matters": "已承诺月底前答复"})
}

/// The organ answers for the case as backlog.
pub fn backlog(organ: impl ToString, ground: &str, target_on: &str) -> Value {
    let listing = json!({
        "batch": "2026年第一批", "list_no": "17", "grounds": [ground], "root_cause": "面积测绘有误", "plan": "重新测绘，按当时标准补差",
        "organ": organ.to_string(), "target_on": target_on
    });
    if ground == "joint_conference" { but(listing, json!({"decision_no": "市信联办〔2026〕2号"})) } else { listing }
}

pub fn backlog_report(progress: &str) -> Value {
    json!({"progress": progress, "done": "已重新测绘并约谈", "ways": ["dialogue"]})
}

pub fn inspection(passed: bool, on: &str) -> Value {
    let visit = json!({"passed": passed, "inspected_on": on, "place": "青石村", "findings": "现场核对，与报告相符"});
    if passed { but(visit, json!({"resolution": "petition_ceased"})) } else { visit }
}

pub fn strike_off(agreed: bool) -> Value {
    json!({"agreed": agreed, "decision_no": "市信联办〔2027〕5号", "reason": "半年内未再信访"})
}

/// The leader wants a report of the organ by the day.
pub fn instruction(leader: impl ToString, to: impl ToString, report_due_on: &str) -> Value {
    json!({"leader": leader.to_string(), "text": "请住建局牵头，十日内现场解决并报我", "to": to.to_string(), "report_due_on": report_due_on})
}

/// The organ is to report by the day.
pub fn supervision(to: impl ToString, report_due_on: &str) -> Value {
    json!({
        "to": to.to_string(), "ground": "delay", "facts": "超过办理期限仍未作出处理意见", "rule": "《信访工作条例》第三十四条",
        "demand": "十日内作出处理意见并反馈", "way": "letter", "document_no": "市信督〔2026〕3号", "report_due_on": report_due_on
    })
}

pub fn supervision_report() -> Value {
    json!({"done": "已作出处理意见并送达"})
}

pub fn escalation(step: &str, report_due_on: &str) -> Value {
    let steps = json!({"step": step, "reason": "逾期未反馈", "decision_no": "市信联办〔2026〕8号", "report_due_on": report_due_on});
    if step == "summons_to_talk" { but(steps, json!({"talk": "约谈局长，要求限期整改"})) } else { steps }
}

pub fn suggestions(to: impl ToString, kind: &str) -> Value {
    let one = json!({"kind": kind, "facts": "同类事项多次超期", "basis": "《信访工作条例》第四十条", "advice": "建立限期办结台账"});
    json!({"to": to.to_string(), "document_no": "市信建〔2026〕1号", "suggestions": [one]})
}

pub fn suggestions_answer(kind: &str, adoption: &str) -> Value {
    json!({"document_no": "县住建函〔2026〕9号", "answers": [{"kind": kind, "adoption": adoption, "explanation": "已印发台账办法"}]})
}

pub fn reason() -> Value {
    json!({"reason": "内容不具体且无法联系信访人"})
}

pub fn decline() -> Value {
    json!({"decision": "decline", "reason": "不属于信访事项", "legal_basis": "《信访工作条例》第二十三条",
        "where_to_go": "向人民法院提起诉讼", "notice": "in_person"})
}

pub fn no_longer_accept() -> Value {
    json!({"decision": "no_longer_accept", "reason": "同一事实和理由已经复核终结",
        "re_review_no": "市复核〔2026〕1号", "notice": "post"})
}

pub fn route_out(route: &str) -> Value {
    json!({"decision": "route_out", "route": route, "reason": "有法定途径",
        "where_to_go": "区劳动人事争议仲裁委员会，一年内，带劳动合同", "notice": "in_person"})
}
