//! Cases that have their answer, whose measures are on the way.

use domain::measure::{MeasureKind, ResolveProof};

use super::{Tale, tale};
use crate::demo::acts::{Answered, Found};
use crate::demo::petition::{By, Petition, Someone};
use crate::demo::stage::Stage;

pub const TALES: &[Tale] =
    &[tale(47, subsistence_refused), tale(56, sewer_overflow), tale(62, school_bus_stop)];

/// 已送达: not supported, and the explanation is planned; the petitioner may still ask for review.
fn subsistence_refused(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer = Answered::refused(
        "家庭月人均收入高于当地低保标准，名下有两辆营运货车",
        "不符合最低生活保障条件",
        "《社会救助暂行办法》第九条",
    );
    let petition = Petition {
        topic: "090801",
        ..Petition::claim(
            "申请低保未获批准，要求纳入",
            "家里负担重，申请农村低保没有批，要求纳入低保。",
            "990121100202001",
            By::One(Someone("喻雨水", "19900000301", "柳溪镇上湾村2组")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "mzj.county1", "属社会救助事项")?.later(3)?;
    story.answered("经信息核对和入户调查，收入和财产超过标准", &[answer], Found::NOTHING)?;
    story.later(2)?.planned(MeasureKind::Educate, "上门解释低保条件并送交书面说明", 20)?;
    Ok(())
}

/// 执行中: reported in place, and waiting for the reviewer.
fn sewer_overflow(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer = Answered::supported(
        "现场查看，主管道破损两处，污水外溢属实",
        "市政排水设施由住建部门养护，应当修复",
        "《城镇排水与污水处理条例》第三十九条",
    );
    let petition = Petition {
        topic: "010204",
        ..Petition::claim(
            "下水道反涌，污水流进一楼",
            "每逢下雨下水道反涌，污水流进一楼住户家里，请求更换管道。",
            "990122001001002",
            By::One(Someone("柏小雪", "19900000302", "东桥街道东桥社区1栋")),
        )
    };
    let mut story = stage.file(days_ago, "grid.0502", &petition)?;
    story.later(1)?.transferred("petition.town3", "petition.county2", "需区级部门办理")?;
    story.transferred("petition.county2", "zjj.county2", "属市政排水事项")?.later(3)?;
    story.answered("主管道破损两处，已列入应急维修", &[answer], Found::NOTHING)?;
    story.later(1)?.planned(MeasureKind::Resolve, "更换破损管段28米并清淤", 20)?;
    story.later(8)?.advanced(MeasureKind::Resolve, "完成管段开挖和更换")?;
    let summary = "更换管段28米，闭水试验合格，雨后回看未再外溢";
    story.later(4)?.resolved(&[1], ResolveProof::RepairPhotos, "照片6张，编号排水-6", summary)?;
    Ok(())
}

/// 执行中: the reviewer went to look and sent the report back.
fn school_bus_stop(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer = Answered::supported(
        "现场查看，候车处无遮雨设施、无护栏，学生站在车行道边",
        "校车停靠点应当保障学生候车安全",
        "《校车安全管理条例》第三十一条",
    );
    let petition = Petition {
        topic: "010204",
        ..Petition::claim(
            "校车停靠点紧邻公路，学生候车危险",
            "北岭村校车停靠点没有护栏和站台，孩子在公路边等车，请求建设安全站台。",
            "990122100201001",
            By::One(Someone("水立夏", "19900000303", "北岭镇北岭村1组")),
        )
    };
    let mut story = stage.file(days_ago, "grid.0701", &petition)?;
    story.later(1)?.transferred("petition.town4", "gov.town4", "属镇政府办理")?.later(3)?;
    story.answered("停靠点确无安全设施，镇政府安排改造", &[answer], Found::NOTHING)?;
    story.later(1)?.planned(MeasureKind::Resolve, "建设站台、护栏和遮雨棚", 25)?;
    let summary = "站台和护栏已建成";
    story.later(14)?.resolved(&[1], ResolveProof::RepairPhotos, "照片3张，编号站台-3", summary)?;
    let reason = "现场核验，遮雨棚尚未安装，护栏一侧松动，请整改后再报";
    story.later(4)?.sent_back(MeasureKind::Resolve, reason)?;
    Ok(())
}
