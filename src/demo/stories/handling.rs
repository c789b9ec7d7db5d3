//! Cases that an organ is working on.

use domain::case::{Cause, Channel};

use super::{Tale, tale};
use crate::demo::acts::{Answered, Found};
use crate::demo::petition::{By, Petition, Someone};
use crate::demo::stage::Stage;

pub const TALES: &[Tale] = &[
    tale(34, dust_from_quarry),
    tale(75, unpaid_builders),
    tale(90, certificates_missing),
    tale(29, boundary_ditch),
    tale(50, overtime_pay),
    tale(48, homestead_line),
    tale(46, kitchen_smoke),
    tale(8, broken_lift),
    tale(28, illegal_shed),
];

/// 办理中, within its time.
fn dust_from_quarry(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "040206",
        ..Petition::claim(
            "采石场扬尘大，晾晒衣物全是灰",
            "采石场运输车不盖篷布，路面无人洒水，全村扬尘严重，请求治理。",
            "990121200201002",
            By::Group(
                6,
                &[
                    Someone("吕小暑", "19900000201", "青石乡青石村6组"),
                    Someone("施立冬", "19900000202", "青石乡青石村6组"),
                ],
            ),
        )
    };
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "hbj.county1", "属大气污染防治事项")?;
    story.later(5)?.accepted()?.later(1)?.given_to_handler()?;
    Ok(())
}

/// 办理中, and overdue: accepted more than sixty days ago.
fn unpaid_builders(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "010803",
        cause: Some(Cause::Work),
        ..Petition::claim(
            "安置房工程拖欠农民工工资",
            "12名工友在安置房工地干活五个月，被欠工资共二十一万元，包工头和总包互相推。",
            "990122100201002",
            By::Group(12, &[Someone("张夏至", "19900000203", "北岭镇北岭村2组")]),
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(3)?.transferred("petition.county2", "rsj.county2", "属劳动保障监察事项")?;
    story.later(5)?.accepted()?.later(2)?.given_to_handler()?;
    Ok(())
}

/// 办理中, extended once, and due soon.
fn certificates_missing(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        channel: Channel::Letter,
        topic: "010909",
        ..Petition::claim(
            "小区入住六年办不了不动产证",
            "交房六年，开发商土地手续不全，全体业主办不了证，影响孩子上学，请求解决历史遗留问题。",
            "990121000000",
            By::Group(
                126,
                &[
                    Someone("孔小满", "19900000204", "临水县城关馨园小区"),
                    Someone("曹白露", "19900000205", "临水县城关馨园小区"),
                    Someone("严谷雨", "19900000206", "临水县城关馨园小区"),
                    Someone("华清明", "19900000207", "临水县城关馨园小区"),
                    Someone("金寒露", "19900000208", "临水县城关馨园小区"),
                ],
            ),
        )
    };
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "zrj.county1", "属不动产登记历史遗留问题")?;
    story.later(4)?.accepted()?.later(1)?.given_to_handler()?;
    story.later(52)?.extended(25, "需会同住建、税务核查六年前的土地和规划手续")?;
    Ok(())
}

/// 调解中, at the township.
fn boundary_ditch(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "101202",
        ..Petition::claim(
            "承包地边沟被邻户填平",
            "两家承包地之间的排水沟被邻户填平，雨季我家地里积水，玉米绝收，请求恢复。",
            "990121200202002",
            By::One(Someone("魏秋分", "19900000209", "青石乡槐荫村5组")),
        )
    };
    let mut story = stage.file(days_ago, "grid.0402", &petition)?;
    story.later(1)?.transferred("petition.town2", "gov.town2", "属承包经营纠纷，由乡政府办理")?;
    story.later(3)?.accepted()?.later(1)?.given_to_handler()?;
    story.later(6)?.mediation_started("槐荫村人民调解委员会", "邻户")?;
    Ok(())
}

const OVERTIME: Answered = Answered::supported(
    "调取考勤和工资表，确有72小时加班未计发加班工资",
    "用人单位应当支付延长工作时间的工资报酬",
    "《中华人民共和国劳动法》第四十四条",
);

/// 拟稿: the examiner has sent the draft back.
fn overtime_pay(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "150201",
        ..Petition::claim(
            "食品厂不付加班费",
            "旺季每天加班三小时，厂里只按平时工资算，请求补发加班费。",
            "990121100201002",
            By::One(Someone("陶处暑", "19900000210", "柳溪镇柳溪村7组")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "rsj.county1", "属劳动报酬事项")?;
    story.later(3)?.accepted()?.later(1)?.given_to_handler()?;
    story.later(14)?.found(&[OVERTIME], Found::NOTHING)?;
    story.later(6)?.drafted("该厂旺季安排加班属实，工资表未体现加班工资", &[OVERTIME])?;
    story.later(2)?.draft_returned("请补充加班工资的计算过程和金额")?;
    Ok(())
}

/// 审签: the draft waits for the head.
fn homestead_line(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer = Answered::refused(
        "实地测量，信访人院墙已越出批准四至0.6米，邻户未越界",
        "所主张的面积不在批准的宅基地范围内",
        "《中华人民共和国土地管理法》第六十二条",
    );
    let petition = Petition {
        topic: "101201",
        ..Petition::claim(
            "请求确认宅基地边界并拆除邻居围墙",
            "邻居建围墙占了我家宅基地半米，请求测量并责令拆除。",
            "990122100202002",
            By::One(Someone("姜霜降", "19900000211", "北岭镇梨园村3组")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(3)?.transferred("petition.county2", "zrj.county2", "属宅基地权属事项")?;
    story.later(4)?.accepted()?.later(1)?.given_to_handler()?;
    story.later(15)?.found(&[answer], Found::NOTHING)?;
    story.later(10)?.drafted("经测绘单位现场测量，双方四至与批准文件核对完毕", &[answer])?;
    Ok(())
}

/// 已出具处理意见: signed, and not yet handed over.
fn kitchen_smoke(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer = Answered::supported(
        "现场检查，该餐馆未安装油烟净化设施，检测超标",
        "餐饮服务经营者应当安装油烟净化设施并保持正常使用",
        "《中华人民共和国大气污染防治法》第八十一条",
    );
    let petition = Petition {
        channel: Channel::Web,
        topic: "040206",
        ..Petition::claim(
            "楼下餐馆油烟直排居民窗口",
            "楼下新开餐馆烟道直对我家卧室窗，油烟呛人，请求查处。",
            "990121000000",
            By::One(Someone("戚大暑", "19900000212", "临水县城关北街")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "hbj.county1", "属餐饮油烟污染事项")?;
    story.later(3)?.accepted()?.later(1)?.given_to_handler()?;
    story.later(10)?.found(&[answer], Found::NOTHING)?;
    story.later(12)?.drafted("该餐馆油烟超标排放属实，已立案查处", &[answer])?.later(3)?.issued()?;
    Ok(())
}

/// 办理中, by the simple procedure: clear and time-critical.
fn broken_lift(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        channel: Channel::Call,
        topic: "010211",
        ..Petition::claim(
            "小区电梯停运五天，老人下不了楼",
            "电梯坏了五天没人修，住在九楼的老人下不了楼，请求尽快修复。",
            "990122001001001",
            By::One(Someone("谢春分", "19900000213", "东桥街道东桥社区4栋")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(1)?.transferred_simply("petition.county2", "zjj.county2", "事实清楚，简易办理")?;
    story.later(1)?.accepted_simply()?.given_to_handler()?;
    Ok(())
}

/// 办理中, after an objection that was upheld.
fn illegal_shed(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "010302",
        ..Petition::claim(
            "楼前违建棚屋挡光",
            "一楼住户在公共绿地搭了彩钢棚，挡住采光和通道，请求拆除。",
            "990122001002002",
            By::One(Someone("邹立春", "19900000214", "东桥街道新街社区8栋")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(1)?.transferred("petition.county2", "hbj.county2", "涉及绿地")?;
    story.later(2)?.objected("违法建设查处不属我局职责，建议转住建部门", "zjj.county2")?;
    story.later(1)?.objection_decided("petition.county2", true, "异议成立，收回另行转送")?;
    story.later(1)?.transferred("petition.county2", "zjj.county2", "属违法建设查处事项")?;
    story.later(4)?.accepted()?.later(1)?.given_to_handler()?;
    Ok(())
}
