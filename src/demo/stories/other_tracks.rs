//! Suggestions and accusations.

use domain::case::content::{AccusationOutcome, Adoption};
use domain::case::{Cause, Channel, Purpose};

use super::{Tale, tale};
use crate::demo::petition::{By, Petition, Someone};
use crate::demo::stage::Stage;

pub const TALES: &[Tale] = &[
    tale(16, bus_line),
    tale(31, sorting_bins),
    tale(58, online_booking),
    tale(7, seal_kept),
    tale(21, relief_goods),
    tale(64, bid_rigged),
];

const fn suggestion(
    subject: &'static str,
    narrative: &'static str,
    region: &'static str,
    topic: &'static str,
    by: By,
) -> Petition {
    Petition {
        purpose: Purpose::Suggestion,
        channel: Channel::Web,
        topic,
        cause: Some(Cause::PublicAffairs),
        ..Petition::claim(subject, narrative, region, by)
    }
}

/// 研究论证.
fn bus_line(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = suggestion(
        "建议公交3路延伸至工业园",
        "工业园有两千多名职工，最近的公交站走路要二十分钟，建议3路早晚高峰延伸到园区门口。",
        "990121000000",
        "010205",
        By::One(Someone("花春分", "19900000601", "临水县城关")),
    );
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "zjj.county1", "属城市公共交通建议")?;
    story.later(4)?.accepted()?.later(1)?.given_to_handler()?;
    Ok(())
}

/// 已有研究结论: partly adopted, the answer waits for the head.
fn sorting_bins(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = suggestion(
        "建议在菜市场增设厨余垃圾投放点",
        "菜市场厨余多，只有一个投放点，下午常满溢，建议增设两处并调整清运时间。",
        "990122001001001",
        "010213",
        By::One(Someone("方小暑", "19900000602", "东桥街道东桥社区2栋")),
    );
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(2)?.transferred("petition.county2", "zjj.county2", "属环境卫生建议")?;
    story.later(4)?.accepted()?.later(1)?.given_to_handler()?;
    story.later(14)?.studied(Adoption::Partly, "增设一处投放点可行；清运时间受填埋场开放时间限制")?;
    Ok(())
}

/// 已答复: adopted, answered and rewarded.
fn online_booking(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = suggestion(
        "建议不动产登记开通网上预约和邮寄送达",
        "办一次登记要请两次假，建议网上预约、一次办结、证书邮寄到家。",
        "990121000000",
        "010909",
        By::One(Someone("俞立冬", "19900000603", "临水县城关")),
    );
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "zrj.county1", "属政务服务建议")?;
    story.later(3)?.accepted()?.later(1)?.given_to_handler()?;
    story.later(15)?.studied(Adoption::Adopted, "技术和人手均可行，可在两个月内开通")?;
    story.later(3)?.suggestion_answered("感谢您的建议，我局已开通网上预约，证书邮寄自下月起试行。")?;
    story.later(10)?.rewarded("优秀人民建议证书", "建议具体可行，已见成效")?;
    Ok(())
}

const fn accusation(
    subject: &'static str,
    narrative: &'static str,
    region: &'static str,
    topic: &'static str,
    respondents: &'static [(&'static str, Option<&'static str>, Option<&'static str>)],
) -> Petition {
    Petition {
        purpose: Purpose::Accusation,
        channel: Channel::Letter,
        topic,
        cause: Some(Cause::CadreStyle),
        respondents,
        ..Petition::claim(subject, narrative, region, By::Nobody)
    }
}

/// 已转有权机关.
fn seal_kept(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = accusation(
        "反映村干部办事刁难群众",
        "来信反映某村干部掌管公章，群众办证明要先请吃饭，否则百般推托。",
        "990121200202001",
        "050299",
        &[("某村干部", Some("village.04"), None)],
    );
    let clerk = "petition.county1.accusation";
    let mut story = stage.file(days_ago, clerk, &petition)?;
    story.later(1)?.transferred(clerk, "discipline.county1", "按干部管理权限移送")?;
    Ok(())
}

/// 已签收.
fn relief_goods(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = accusation(
        "反映救灾物资发放优亲厚友",
        "来信反映去年救灾物资发放不公开，部分困难户没有领到，干部亲属领了两份。",
        "990122100202001",
        "050302",
        &[("某工作人员", Some("gov.town4"), Some("gov.town4.handler1"))],
    );
    let clerk = "petition.county2.accusation";
    let mut story = stage.file(days_ago, clerk, &petition)?;
    story.later(2)?.transferred(clerk, "discipline.county2", "按干部管理权限移送")?;
    story.later(3)?.acknowledged()?;
    Ok(())
}

/// 已反馈结果: a flag, and nothing of the content.
fn bid_rigged(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = accusation(
        "反映工程招标量身定做条件",
        "来信反映某道路工程招标条件为一家公司量身定做，请求查处。",
        "990121000000",
        "050402",
        &[("某局负责人", Some("zjj.county1"), None)],
    );
    let clerk = "petition.city.accusation";
    let mut story = stage.file(days_ago, clerk, &petition)?;
    story.later(1)?.transferred(clerk, "discipline.city", "涉及县管干部，由市纪委监委处置")?;
    story.later(4)?.acknowledged()?;
    story.later(40)?.concluded(AccusationOutcome::DealtWith)?;
    Ok(())
}
