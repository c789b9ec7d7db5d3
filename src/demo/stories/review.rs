//! Cases whose answer the petitioner does not accept: review, re-review, and the end of the matter.

use domain::case::Channel;
use domain::case::content::{AftercareKind, Commitment, ReviewOutcome};
use domain::measure::MeasureKind;
use domain::organisation::ReviewStage::{ReReview, Review};

use super::{Tale, tale};
use crate::demo::acts::{Answered, Found};
use crate::demo::petition::{By, Petition, Someone};
use crate::demo::stage::{Stage, Story};

pub const TALES: &[Tale] = &[
    tale(60, reviewing),
    tale(84, review_issued),
    tale(88, review_changed),
    tale(92, review_remade),
    tale(88, re_reviewing),
    tale(125, re_review_issued),
    tale(190, terminated),
    tale(22, terminated_again),
];

const REFUSED: Answered = Answered::refused(
    "查阅档案，信访人已按当时政策签订协议并领取款项",
    "协议已履行完毕，重复主张没有依据",
    "《国有土地上房屋征收与补偿条例》第二十五条",
);

const fn relocation(subject: &'static str, region: &'static str, who: Someone, channel: Channel) -> Petition {
    Petition {
        channel,
        topic: "010604",
        ..Petition::claim(
            subject,
            "房屋征收补偿后认为面积认定偏少、标准偏低，请求按现行标准补足差额。",
            region,
            By::One(who),
        )
    }
}

/// Filed and answered with a refusal that the petitioner does not accept.
fn refused<'s, 'a>(
    stage: &'s mut Stage<'a>,
    days_ago: u64,
    clerk: &str,
    organ: &str,
    petition: &Petition,
) -> anyhow::Result<Story<'s, 'a>> {
    let mut story = stage.file(days_ago, clerk, petition)?;
    story.later(2)?.transferred(clerk, organ, "属房屋征收补偿事项")?.later(3)?;
    story.answered("调阅征收档案，协议、付款凭证齐全", &[REFUSED], Found::NOTHING)?;
    Ok(story)
}

/// 复查中.
fn reviewing(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let who = Someone("范小满", "19900000501", "临水县城关东街");
    let petition = relocation("请求补足东街征收补偿差额", "990121000000", who, Channel::Visit);
    let mut story = refused(stage, days_ago, "petition.county1", "zjj.county1", &petition)?;
    story.later(12)?.review_asked(Review, "认为面积应按测绘报告计算")?.later(2)?.review_admitted(Review)?;
    Ok(())
}

/// 已出具复查意见: upheld, and the petitioner may still ask for re-review.
fn review_issued(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let who = Someone("彭白露", "19900000502", "东桥街道新街社区5栋");
    let petition = relocation("请求重新认定新街房屋用途", "990122001002001", who, Channel::Letter);
    let mut story = refused(stage, days_ago, "petition.county2", "zjj.county2", &petition)?;
    story.later(10)?.upheld(Review, "房屋一直用于经营", "登记用途为住宅，经营未办变更登记，维持原意见")?;
    Ok(())
}

/// 已出具复查意见: changed, so that what was refused is now to be put in place.
fn review_changed(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let who = Someone("郎清明", "19900000503", "柳溪镇柳溪村9组");
    let petition = relocation("请求支付搬迁补助费", "990121100201002", who, Channel::Visit);
    let changed = Answered::supported(
        "搬迁属实",
        "征收决定公布的方案中列有搬迁补助，应当支付",
        "《国有土地上房屋征收与补偿条例》第二十二条",
    );
    let mut story = refused(stage, days_ago, "petition.county1", "zjj.county1", &petition)?;
    story.later(8)?.review_asked(Review, "方案中明确有搬迁补助")?.later(2)?.review_admitted(Review)?;
    story.later(14)?.review_decided(
        Review,
        ReviewOutcome::Change,
        "原意见漏审搬迁补助，予以变更",
        &[changed],
    )?;
    story.later(2)?.review_delivered(Review)?;
    story.later(3)?.planned(MeasureKind::Resolve, "核算并支付搬迁补助费", 20)?;
    Ok(())
}

/// 重新办理: the review ordered a remake.
fn review_remade(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let who = Someone("鲁寒露", "19900000504", "北岭镇梨园村6组");
    let petition = relocation("请求重新核定安置面积", "990122100202002", who, Channel::Visit);
    let mut story = refused(stage, days_ago, "petition.county2", "zjj.county2", &petition)?;
    story.later(9)?.review_asked(Review, "家庭人口少算一人")?.later(3)?.review_admitted(Review)?;
    let reasons = "原意见未核实家庭人口，事实不清，责令重新办理";
    story.later(18)?.review_decided(Review, ReviewOutcome::Remake, reasons, &[])?;
    Ok(())
}

/// 复核中: a hearing is convened, and the clock stands still.
fn re_reviewing(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let who = Someone("韦霜降", "19900000505", "临水县城关西街");
    let petition = relocation("请求认定西街门面房补偿标准", "990121000000", who, Channel::Visit);
    let mut story = refused(stage, days_ago, "petition.county1", "zjj.county1", &petition)?;
    // The report of the month is missing.
    story.taken_in_charge("leader.county1", 120, "约见信访人，会同住建局、评估机构逐项核对")?;
    story.later(10)?.upheld(Review, "标准明显低于市场价", "评估程序合法，维持原意见")?;
    story.later(15)?.review_asked(ReReview, "评估报告没有送达")?.later(3)?.review_admitted(ReReview)?;
    story.later(4)?.hearing_convened("争议较大，当事人申请听证")?;
    Ok(())
}

/// 已出具复核意见: decided, not yet handed over.
fn re_review_issued(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let who = Someone("昌处暑", "19900000506", "东桥街道东桥社区12栋");
    let petition = relocation("请求返还征收奖励款", "990122001001001", who, Channel::Letter);
    let mut story = refused(stage, days_ago, "petition.county2", "zjj.county2", &petition)?;
    story.later(10)?.upheld(Review, "搬迁在奖励期内", "搬迁日期晚于奖励期，维持原意见")?;
    story.later(18)?.review_asked(ReReview, "有搬家公司的证明")?.later(3)?.review_admitted(ReReview)?;
    let reasons = "证明日期与水电停用记录不符，维持复查意见";
    story.later(20)?.review_decided(ReReview, ReviewOutcome::Uphold, reasons, &[])?;
    Ok(())
}

/// 终结: upheld twice; the matter has ended, the care for the people has not.
fn terminated(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let mut story = refused(stage, days_ago, "petition.county1", "zjj.county1", &old_house())?;
    story.later(10)?.upheld(Review, "对补偿标准不服", "标准适用正确，维持原意见")?;
    story.later(14)?.upheld(ReReview, "仍不服", "事实清楚、依据充分，维持复查意见，本意见为终局")?;
    let summary = "分管领导与信访人面谈，解释终结的法律后果，介绍就业培训";
    story.later(10)?.cared_for("petition.county1", AftercareKind::Guidance, summary)?;
    let summary = "协助其子报名免费技能培训";
    story.later(15)?.cared_for("petition.county1", AftercareKind::Help, summary)?;
    let plan = "每月见面一次，落实其子就业和住房保障政策";
    story.taken_in_charge("leader.county1", 180, plan)?.later(28)?;
    let progress = "见面两次，信访人了解政策界限，其子已参加培训";
    story.charge_reported("leader.county1", &[Commitment::Know, Commitment::Explain], progress)?;
    story.remember("terminated");
    Ok(())
}

/// 不再受理: the same matter, the same facts, after the end.
fn terminated_again(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let first = stage.recalled("terminated")?;
    let mut story = stage.file(days_ago, "petition.county1", &old_house())?;
    story.found_repeated("petition.county1", first, "与已终结事项系同一事实和理由")?;
    let reason = "该事项已经处理、复查、复核，信访人仍以同一事实和理由提出";
    story.later(2)?.no_longer_accepted("petition.county1", reason, "市复查复核委员会复核意见书")?;
    Ok(())
}

const fn old_house() -> Petition {
    let who = Someone("马大暑", "19900000507", "临水县城关老街");
    relocation("请求按现行标准补足老街征收补偿", "990121000000", who, Channel::Visit)
}
