//! Cases in which supervision, or a leader's instruction, presses an organ.

use domain::case::content::EscalationStep::{CirculatedNotice, ListedSupervision, SummonsToTalk};
use domain::case::content::Satisfaction;

use super::{Tale, tale};
use crate::demo::acts::{Answered, Found};
use crate::demo::petition::{By, Petition, Someone};
use crate::demo::stage::{Stage, Story};

pub const TALES: &[Tale] = &[
    tale(150, well_without_cover),
    tale(82, pension_years),
    tale(79, waste_burning),
    tale(40, street_lamps),
    tale(26, leaking_school),
];

/// Handed to the organ, which accepts it and lets the sixty days pass.
fn neglected<'s, 'a>(
    stage: &'s mut Stage<'a>,
    days_ago: u64,
    organ: &str,
    petition: &Petition,
) -> anyhow::Result<Story<'s, 'a>> {
    let mut story = stage.file(days_ago, "petition.county1", petition)?;
    story.later(2)?.transferred("petition.county1", organ, "属贵单位职责范围")?;
    story.later(4)?.accepted()?.later(1)?.given_to_handler()?.later(61)?;
    Ok(story)
}

/// Escalated to listed supervision, answered at last, closed; the suggestion is adopted.
fn well_without_cover(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition::claim(
        "村口机井没有井盖，孩子掉下去过一次",
        "机井废弃三年没有井盖，去年有孩子掉下去受伤，反映多次没有人来封，请求尽快封闭。",
        "990121200202002",
        By::One(Someone("齐小寒", "19900000701", "青石乡槐荫村2组")),
    );
    let answered = Answered::supported(
        "现场查看，机井确已废弃且没有防护",
        "废弃机井应当封填，由本局组织实施",
        "《中华人民共和国水法》第三十一条",
    );
    let mut story = neglected(stage, days_ago, "zjj.county1", &petition)?;
    story.supervised(10, "办理期限届满仍未作出处理意见，机井至今没有防护", "十日内先行防护并作出处理意见")?;
    story.later(11)?.escalated(CirculatedNotice, 7, "逾期未反馈，也未采取防护措施")?;
    story.later(3)?.supervision_reported("已列入下季度计划")?;
    story.later(1)?.supervision_returned(5, "只有打算，没有落实，安全隐患仍在")?;
    story.later(6)?.escalated(SummonsToTalk, 7, "退回后仍逾期未反馈")?;
    story.later(8)?.escalated(ListedSupervision, 10, "约谈后仍未封井")?;
    story.later(2)?.found(&[answered], Found::NOTHING)?.drafted("现场勘查机井", &[answered])?;
    story.later(1)?.issued()?.delivered()?;
    story.later(2)?.supervision_reported("机井已封填，处理意见已送达信访人，分管负责人作出检讨")?;
    story.later(3)?.supervision_closed("现场核查，井口已封，处理意见答复了全部诉求")?;
    story.advised("今年同类隐患三件均超期", "建立安全隐患类信访事项先行处置、限期办结制度")?;
    story.later(15)?.advice_adopted("已印发《隐患类信访事项先行处置办法》")?;
    Ok(())
}

/// Ordered, not yet reported.
fn pension_years(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition::claim(
        "工龄少认定四年，养老金偏低",
        "原集体企业改制时档案移交不全，工龄少认定四年，请求补充认定。",
        "990121000000",
        By::One(Someone("苗大寒", "19900000702", "临水县城关南街")),
    );
    let mut story = neglected(stage, days_ago, "rsj.county1", &petition)?;
    story.later(9)?.supervised(15, "超过办理期限九日仍未作出处理意见", "十五日内作出处理意见")?;
    Ok(())
}

/// Reported, and waiting for the supervisor.
fn waste_burning(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition::claim(
        "垃圾中转站夜里焚烧垃圾",
        "镇垃圾中转站半夜露天焚烧，全村刺鼻，老人咳嗽，请求制止。",
        "990121200201002",
        By::One(Someone("桂立春", "19900000703", "青石乡青石村4组")),
    );
    let mut story = neglected(stage, days_ago, "hbj.county1", &petition)?;
    story.later(2)?.supervised(7, "超过办理期限仍未作出处理意见", "七日内报告办理情况")?;
    story.later(6)?.supervision_reported("已责令中转站停止焚烧并立案，处理意见本周送达")?;
    Ok(())
}

/// A leader's instruction, carried out and visited back.
fn street_lamps(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition::claim(
        "村道路灯坏了半年",
        "村道十二盏路灯坏了半年，老人夜里摔倒两次，请求修复。",
        "990121200201001",
        By::One(Someone("蔺雨水", "19900000704", "青石乡青石村1组")),
    );
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "zjj.county1", "属市政设施管理事项")?;
    story.later(4)?.accepted()?.later(1)?.given_to_handler()?;
    story.later(3)?.instructed("leader.county1", 10, "请住建局牵头，十日内修复并报我，同类路灯一并排查")?;
    story.later(8)?.instruction_reported("十二盏路灯已修复，全乡排查修复另外九盏")?;
    story.later(2)?.instruction_accepted("leader.county1", "同意，注意回访")?.later(3)?;
    story.visited("petition.county1", Satisfaction::Satisfied, "路灯都亮了，谢谢")?;
    Ok(())
}

/// A leader's instruction, on which no report has come.
fn leaking_school(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition::claim(
        "村小教室漏雨",
        "村小两间教室漏雨，孩子们挤在一间上课，请求维修。",
        "990121200202002",
        By::One(Someone("单惊蛰", "19900000705", "青石乡槐荫村7组")),
    );
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "zjj.county1", "属房屋安全管理事项")?;
    story.later(4)?.accepted()?.later(1)?.given_to_handler()?;
    story.later(2)?.instructed("leader.county1", 7, "请住建局会同教育部门，一周内先行排险")?.later(9)?;
    Ok(())
}
