//! Cases that are brought before a leader in a session.

use domain::case::content::Satisfaction;

use super::{Tale, tale};
use crate::demo::petition::{By, Petition, Someone};
use crate::demo::stage::Stage;

pub const TALES: &[Tale] = &[tale(46, mixing_plant_dust), tale(33, bus_stop), tale(12, retaining_wall)];

/// Received, ordered about, reported on and visited back.
fn mixing_plant_dust(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition::claim(
        "搅拌站粉尘落满院子",
        "村西搅拌站没有抑尘设施，粉尘落满院子，晾晒的粮食不能吃，请求整治。",
        "990121200201002",
        By::One(Someone("裘小满", "19900000901", "青石乡青石村6组")),
    );
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "hbj.county1", "属扬尘污染防治事项")?;
    story.later(3)?.accepted()?.later(1)?.given_to_handler()?;
    let session = story.session_published("leader.county1", 5, 4)?;
    story.booked(session)?.later(5)?;
    story.received(session, "请生态环境局牵头，十日内督促搅拌站落实抑尘措施并现场核实", 10)?;
    story.session_recorded(session, None)?;
    story.later(8)?.instruction_reported("已责令停产整改，喷淋和围挡安装到位")?;
    story.later(1)?.instruction_accepted("leader.county1", "同意，请回访信访人")?.later(2)?;
    story.visited("petition.county1", Satisfaction::Satisfied, "院子里没有灰了")?;
    Ok(())
}

/// Booked, and nobody came: the session is on record all the same.
fn bus_stop(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition::claim(
        "村口公交站撤掉后老人看病不便",
        "村口公交站去年撤销，老人看病要走四里路，请求恢复停靠。",
        "990121200202002",
        By::One(Someone("计芒种", "19900000902", "青石乡槐荫村3组")),
    );
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "zjj.county1", "属公共交通事项")?;
    story.later(3)?.accepted()?.later(1)?.given_to_handler()?;
    let session = story.session_published("leader.county1", 6, 3)?;
    story.booked(session)?.later(6)?.session_recorded(session, Some("预约人未到，当日无人来访"))?;
    Ok(())
}

/// Booked for a session that is still to come.
fn retaining_wall(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition::claim(
        "屋后挡土墙开裂",
        "屋后公路挡土墙开裂三指宽，雨天掉石头，请求加固。",
        "990121200202002",
        By::One(Someone("逄大雪", "19900000903", "青石乡槐荫村5组")),
    );
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "zjj.county1", "属公路养护事项")?;
    story.later(3)?.accepted()?.later(1)?.given_to_handler()?.later(3)?;
    let session = story.session_published("leader.county1", 6, 2)?;
    story.booked(session)?;
    Ok(())
}
