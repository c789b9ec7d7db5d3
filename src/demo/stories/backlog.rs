//! Old and returning matters on a list of backlog.

use domain::case::content::{BacklogGround, BacklogProgress, PetitionerView, Satisfaction};
use domain::measure::{MeasureKind, ResolveProof};

use super::{Tale, tale};
use crate::demo::acts::{Answered, Found};
use crate::demo::petition::{By, Petition, Someone};
use crate::demo::stage::Stage;

pub const TALES: &[Tale] = &[tale(420, reservoir_land), tale(300, teacher_years)];

/// Open for more than a year, listed by that rule, and only watched so far.
fn reservoir_land(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition::claim(
        "水库淹没地补偿一直没有落实",
        "水库加高时淹没承包地六亩，补偿款说过多次没有发，请求落实。",
        "990121200202002",
        By::One(Someone("邬立冬", "19900000801", "青石乡槐荫村8组")),
    );
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "zrj.county1", "属土地补偿事项")?;
    story.later(5)?.accepted()?.later(1)?.given_to_handler()?.later(370)?;
    let cause = "原始测量图遗失，乡、村两级对淹没面积说法不一";
    story.listed("3", BacklogGround::Age, cause, "调取省水利厅存档图重新测量，按当年标准补偿")?;
    story.later(20)?.backlog_reported(BacklogProgress::ContinuedWatching, "已与信访人约定等待测量结果")?;
    Ok(())
}

/// Resolved, inspected, quiet for half a year, and struck off.
fn teacher_years(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer = Answered::supported(
        "查到当年任教的工资册，任教年限属实",
        "应当按任教年限发放教龄补助",
        "县《原民办教师教龄补助办法》第四条",
    );
    let petition = Petition::claim(
        "原民办教师教龄补助少算六年",
        "在村小任教十四年，教龄补助只按八年发，找过许多次没有结果。",
        "990121200201002",
        By::One(Someone("柏寒露", "19900000802", "青石乡青石村9组")),
    );
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(1)?.transferred("petition.county1", "rsj.county1", "属教龄补助事项")?.later(2)?;
    story.answered("调阅乡镇档案，访问当年同事", &[answer], Found::NOTHING)?;
    let cause = "村小撤并时档案未移交，多年来各单位互不认账";
    story.listed("9", BacklogGround::JointConference, cause, "评查原处理意见，调取工资册，按实际年限补发")?;
    story.later(2)?.planned(MeasureKind::Resolve, "补发六年教龄补助", 20)?;
    story.later(8)?.resolved(&[1], ResolveProof::PaymentVoucher, "银行回单1108", "补助已补发到账")?;
    story.later(2)?.verified(MeasureKind::Resolve, "核对银行回单")?;
    story.not_applicable(&[MeasureKind::Educate, MeasureKind::Assist, MeasureKind::LawfulHandling])?;
    story.later(1)?.closed("教龄补助已按十四年补发", PetitionerView::Agrees)?;
    story.later(5)?.visited("petition.county1", Satisfaction::Satisfied, "二十年的心事了了")?;
    story.later(1)?.backlog_reported(BacklogProgress::Resolved, "补助已补发，信访人表示息诉")?;
    story.later(4)?.inspected("青石乡青石村", "入户核实，补助到账，信访人当面确认不再信访")?;
    story.later(181)?.struck_off("半年内未再信访，准予销号")?;
    Ok(())
}
