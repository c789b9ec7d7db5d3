//! Cases between the register and the organ, and those that never get to one.

use domain::case::{Cause, Channel, Purpose, Route, Source, Urgency};

use super::{Tale, tale};
use crate::demo::petition::{By, Petition, Someone};
use crate::demo::stage::Stage;

pub const TALES: &[Tale] = &[
    tale(1, street_lamp),
    tale(18, market_noise),
    tale(3, leaking_roof),
    tale(4, black_river),
    tale(15, blocked_stairs),
    tale(12, land_payment),
    tale(6, lost_allowance),
    tale(10, cracked_wall),
    tale(5, pension_gap),
    tale(9, temporary_relief),
    tale(20, card_enquiry),
    tale(25, letter_without_matter),
    tale(30, barking_dogs),
    tale(33, private_debt),
    tale(40, unenforced_judgment),
    tale(26, dismissed_worker),
];

/// 已登记: filed yesterday by a grid member, nothing done yet.
fn street_lamp(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "010210",
        cause: Some(Cause::Work),
        ..Petition::claim(
            "村口路灯三盏不亮，夜间行人摔伤",
            "柳溪村村口至小学一段路，三盏路灯自上月起不亮，前天夜里有老人摔伤，请求尽快修复。",
            "990121100201001",
            By::One(Someone("陈小满", "19900000101", "柳溪镇柳溪村3组")),
        )
    };
    stage.file(days_ago, "grid.0101", &petition)?;
    Ok(())
}

/// 已登记, and overdue: nobody has passed it on within fifteen days.
fn market_noise(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        channel: Channel::Web,
        topic: "040203",
        ..Petition::claim(
            "夜市扩音喇叭噪声扰民",
            "东桥社区夜市每晚到十二点仍用扩音喇叭叫卖，孩子无法休息，多次劝说无效，请求管理。",
            "990122001001001",
            By::One(Someone("李谷雨", "19900000102", "东桥街道东桥社区6栋")),
        )
    };
    stage.file(days_ago, "petition.county2", &petition)?;
    Ok(())
}

/// 甄别: checked for repeats, not yet passed on.
fn leaking_roof(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "010902",
        ..Petition::claim(
            "公租房顶层漏水半年未修",
            "新街社区公租房顶层一到下雨就漏，衣柜发霉，报修四次未见维修，请求修好并说明原因。",
            "990122001002002",
            By::One(Someone("王秋分", "19900000103", "东桥街道新街社区公租房2栋")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(1)?.found_new("petition.county2")?;
    Ok(())
}

/// 已转送: two days at the organ.
fn black_river(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        channel: Channel::Call,
        source: Some(Source::Hotline),
        topic: "040209",
        urgency: Urgency::Urgent,
        ..Petition::claim(
            "养殖场污水直排致河水发黑",
            "上湾村上游养殖场夜间向河里排污水，河水发黑有臭味，村民灌溉用水受影响，请求查处。",
            "990121100202001",
            By::One(Someone("周立夏", "19900000104", "柳溪镇上湾村1组")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "hbj.county1", "属生态环境部门职责")?;
    Ok(())
}

/// 已转送, and the notice to the petitioner is due soon.
fn blocked_stairs(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "010903",
        ..Petition::claim(
            "楼道堆物无人清理，物业不管",
            "东桥社区9栋二单元楼道长期堆放杂物，消防通道被堵，物业以各种理由推脱，请求督促清理。",
            "990122001001002",
            By::One(Someone("孙白露", "19900000105", "东桥街道东桥社区9栋")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(2)?.transferred("petition.county2", "zjj.county2", "属物业管理事项")?;
    Ok(())
}

/// 已交办: a group of villagers, with a report due.
fn land_payment(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "030301",
        cause: Some(Cause::PolicyAndLaw),
        urgency: Urgency::Urgent,
        ..Petition::claim(
            "青石村38户请求公开并足额发放征地补偿款",
            "修建环线占用青石村38户耕地，补偿款只发了六成，其余一年未发，账目未公开。",
            "990121200201001",
            By::Group(
                38,
                &[
                    Someone("吴清明", "19900000106", "青石乡青石村2组"),
                    Someone("郑寒露", "19900000107", "青石乡青石村2组"),
                    Someone("冯小雪", "19900000108", "青石乡青石村4组"),
                ],
            ),
        )
    };
    let mut story = stage.file(days_ago, "petition.city", &petition)?;
    story.found_new("petition.city")?.later(1)?;
    story.assigned("petition.city", "zrj.county1", "群众人数较多，请于期限内报告结果", 30)?;
    Ok(())
}

/// 异议待审: the organ says that another is competent.
fn lost_allowance(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "150102",
        ..Petition::claim(
            "老人养老待遇停发三个月",
            "母亲78岁，城乡居民养老待遇自三个月前停发，社区说是认证问题，已补认证仍未恢复。",
            "990122100201001",
            By::One(Someone("蒋惊蛰", "19900000109", "北岭镇北岭村5组")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(1)?.transferred("petition.county2", "mzj.county2", "属养老服务事项")?;
    story.later(2)?.objected("城乡居民养老保险待遇由人社部门核发，本局无权处理", "rsj.county2")?;
    Ok(())
}

/// 待受理: the objection was not upheld, so the organ decides on acceptance.
fn cracked_wall(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "010899",
        ..Petition::claim(
            "隔壁工地打桩致院墙开裂",
            "隔壁工地打桩后我家院墙裂了两道口子，施工方不认账，请求鉴定并赔偿。",
            "990121100201002",
            By::One(Someone("沈霜降", "19900000110", "柳溪镇柳溪村1组")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(1)?.transferred("petition.county1", "zjj.county1", "属建筑施工监管事项")?;
    story.later(1)?.objected("当事人之间的损害赔偿不属行政监管", "gov.town1")?;
    let reasons = "工地施工安全监管属你局职责，赔偿争议可在办理中组织调解";
    story.later(2)?.objection_decided("petition.county1", false, reasons)?;
    Ok(())
}

/// 待受理: the petitioner went to the competent organ directly.
fn pension_gap(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "150201",
        ..Petition::claim(
            "企业少缴两年养老保险，请求补缴",
            "在某纺织厂工作期间，单位有两年未为我缴纳养老保险，现企业已改制，请求协调补缴。",
            "990122001002001",
            By::One(Someone("韩芒种", "19900000111", "东桥街道新街社区11栋")),
        )
    };
    stage.file(days_ago, "rsj.county2.registrar", &petition)?;
    Ok(())
}

/// 已受理: no handler has been named yet.
fn temporary_relief(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "090803",
        ..Petition::claim(
            "大病住院花费大，申请医疗救助未获答复",
            "丈夫住院自费七万余元，两个月前提交医疗救助申请，至今没有结果，请求答复。",
            "990121200202001",
            By::One(Someone("杨处暑", "19900000112", "青石乡槐荫村2组")),
        )
    };
    let mut story = stage.file(days_ago, "grid.0401", &petition)?;
    story.later(1)?.transferred("petition.town2", "petition.county1", "需县级部门办理")?;
    story.transferred("petition.county1", "mzj.county1", "属社会救助事项")?.later(4)?.accepted()?;
    Ok(())
}

/// 直接回复: an enquiry needs no opinion.
fn card_enquiry(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        purpose: Purpose::Enquiry,
        channel: Channel::Call,
        topic: "150103",
        ..Petition::claim(
            "咨询异地就医如何备案",
            "随子女在外地居住，想了解城镇居民医保异地就医备案需要什么材料。",
            "990121000000",
            By::One(Someone("朱立秋", "19900000113", "临水县城关")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    let answer = "可通过电话、窗口或网上备案，凭身份证件和居住证明即可，备案后直接结算。";
    story.later(1)?.answered_directly("petition.county1", answer)?;
    Ok(())
}

/// 存: a letter without a name and without a matter.
fn letter_without_matter(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        purpose: Purpose::Other,
        channel: Channel::Letter,
        ..Petition::claim(
            "来信无具体事项",
            "来信为手抄诗一首，无姓名、无地址、无诉求。",
            "990122000000",
            By::Nobody,
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(2)?.filed_away("petition.county2", "无实质内容，存查")?;
    Ok(())
}

/// 已撤回: the neighbours have settled it themselves.
fn barking_dogs(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "010202",
        ..Petition::claim(
            "邻居养犬夜间吠叫",
            "隔壁养了三条狗，整夜吠叫，请求协调。",
            "990121100202002",
            By::One(Someone("秦冬至", "19900000114", "柳溪镇上湾村4组")),
        )
    };
    let mut story = stage.file(days_ago, "grid.0202", &petition)?;
    story.later(5)?.withdrawn("grid.0202", "邻居已把狗送回老家，我们和好了，不用再办")?;
    Ok(())
}

/// 不予受理: not a matter of any organ's duty.
fn private_debt(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        ..Petition::claim(
            "要求政府代为追讨亲戚借款",
            "三年前借给表弟五万元，至今未还，要求政府出面追讨。",
            "990122100202001",
            By::One(Someone("尤小寒", "19900000115", "北岭镇梨园村1组")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(3)?.declined(
        "petition.county2",
        "公民之间的借款纠纷，不属于信访工作机构和行政机关职责",
        "《信访工作条例》第二十三条、第三十一条",
        "可申请人民调解，或向有管辖权的人民法院提起民事诉讼",
    )?;
    Ok(())
}

/// 导入法定途径: there is a judgment.
fn unenforced_judgment(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "010905",
        ..Petition::claim(
            "法院判决退还购房款，开发商拒不履行",
            "法院已判决开发商退还购房款，但至今未执行到位，请求住建部门处理。",
            "990121000000",
            By::One(Someone("许大寒", "19900000116", "临水县城关")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(2)?.transferred("petition.county1", "zjj.county1", "涉及房地产开发企业")?;
    story.later(4)?.routed_out(
        Route::Litigation,
        "生效判决的执行依照民事诉讼程序",
        "请持判决书向作出判决的人民法院申请强制执行，期限为二年",
    )?;
    Ok(())
}

/// 导入法定途径: labour arbitration comes first.
fn dismissed_worker(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "150201",
        ..Petition::claim(
            "被单位辞退未获经济补偿",
            "在物流公司工作四年，上月被口头辞退，没有补偿，请求责令支付。",
            "990122001002001",
            By::One(Someone("何雨水", "19900000117", "东桥街道新街社区3栋")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(1)?.transferred("petition.county2", "rsj.county2", "属劳动关系事项")?;
    story.later(3)?.routed_out(
        Route::Arbitration,
        "解除劳动合同的经济补偿争议应先行劳动仲裁",
        "请在一年内向区劳动人事争议仲裁委员会申请仲裁，携带劳动合同和工资流水",
    )?;
    Ok(())
}
