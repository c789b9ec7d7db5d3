//! Cases that are closed: the matter resolved, and the heart sometimes too.

use domain::case::content::{PetitionerView, Satisfaction};
use domain::case::{Cause, Channel};
use domain::measure::{AssistKind, MeasureKind, ResolveProof, UnlawfulConduct};

use super::{Tale, tale};
use crate::demo::acts::{Answered, Found};
use crate::demo::petition::{By, Petition, Someone};
use crate::demo::stage::{Stage, Story};

pub const TALES: &[Tale] = &[
    tale(110, wages_paid),
    tale(130, all_four),
    tale(85, fence_settled),
    tale(120, bridge_repaired),
    tale(170, well_dried_up),
    tale(14, well_again),
    tale(140, compensation_reopened),
    tale(210, tap_water),
];

const REST: &[MeasureKind] = &[MeasureKind::Educate, MeasureKind::Assist, MeasureKind::LawfulHandling];

/// The one reasonable demand is carried out and verified, and the case closed.
fn put_in_place(story: &mut Story<'_, '_>, plan: &str, proof: (ResolveProof, &str)) -> anyhow::Result<()> {
    story.later(1)?.planned(MeasureKind::Resolve, plan, 20)?;
    story.later(8)?.resolved(&[1], proof.0, proof.1, "已按处理意见办结，信访人签收")?;
    story.later(2)?.verified(MeasureKind::Resolve, "现场核验并电话核实，已落实")?;
    story.not_applicable(REST)?;
    story.later(1)?.closed("诉求已按处理意见落实，凭证在卷", PetitionerView::Agrees)?;
    Ok(())
}

/// 办结, 事心双解: the wages were paid, and the petitioner said so.
fn wages_paid(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer = Answered::supported(
        "工资表和银行流水显示欠发三个月工资共36000元",
        "用人单位应当按时足额支付劳动报酬",
        "《保障农民工工资支付条例》第三条",
    );
    let petition = Petition {
        topic: "150201",
        cause: Some(Cause::Work),
        claims: &["支付拖欠的三个月工资36000元"],
        ..Petition::claim(
            "装修公司拖欠三个月工资",
            "在装修公司做木工，去年三个月工资36000元至今未付。",
            "990121100201001",
            By::One(Someone("窦惊蛰", "19900000401", "柳溪镇柳溪村4组")),
        )
    };
    let mut story = stage.file(days_ago, "grid.0101", &petition)?;
    story.later(1)?.transferred("petition.town1", "petition.county1", "需县级部门办理")?;
    story.transferred("petition.county1", "rsj.county1", "属工资支付事项")?.later(3)?;
    story.answered("欠薪属实，公司负责人认可", &[answer], Found::NOTHING)?;
    put_in_place(&mut story, "责令限期支付并监督到账", (ResolveProof::PaymentVoucher, "银行回单0317"))?;
    story.later(3)?.rated(Satisfaction::Satisfied, "钱到手了，谢谢")?;
    story.later(7)?.visited("grid.0101", Satisfaction::Satisfied, "没想到这么快，心里踏实了")?;
    Ok(())
}

/// 办结, 事心双解, with three in place and one treatment: each obligation on its own ground.
fn all_four(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answers = [
        Answered::supported(
            "工伤认定决定已生效，停工留薪期工资未付",
            "停工留薪期内原工资福利待遇不变",
            "《工伤保险条例》第三十三条",
        ),
        Answered::refused(
            "所主张的精神损失费八十万元没有事实依据",
            "工伤保险待遇中没有该项目，证据亦不能证明",
            "《工伤保险条例》第五章",
        ),
    ];
    let person = Found {
        hardship: true,
        circumstances: "本人十级伤残暂无收入，妻子务农，两个孩子上学，家庭生活困难",
        conduct: &[UnlawfulConduct::GatheringOrBlocking],
    };
    let petition = Petition {
        topic: "150201",
        claims: &["支付停工留薪期工资", "赔偿精神损失费八十万元"],
        ..Petition::claim(
            "工伤停工期间工资未付，并要求赔偿八十万元",
            "在工地受伤，停工留薪期工资没有发，家里揭不开锅，还要求公司赔偿精神损失费。",
            "990121200201001",
            By::One(Someone("章小寒", "19900000402", "青石乡青石村3组")),
        )
    };
    let mut story = stage.file(days_ago, "grid.0301", &petition)?;
    story.later(1)?.transferred("petition.town2", "petition.county1", "需县级部门办理")?;
    story.assigned("petition.county1", "rsj.county1", "涉及生活困难，请从速办理并报告结果", 50)?;
    story.later(3)?.answered("工伤属实，留薪期工资未付；精神损失主张无依据", &answers, person)?;
    story.later(1)?.planned(MeasureKind::Resolve, "监督企业支付留薪期工资", 15)?;
    story.planned(MeasureKind::Educate, "上门解释工伤待遇项目和依据", 15)?;
    story.planned(MeasureKind::Assist, "协调民政部门给予临时救助", 15)?;
    story.planned(MeasureKind::LawfulHandling, "对堵门行为先行劝阻教育并依法移送", 15)?;
    story.advanced(MeasureKind::Assist, "协助填写救助申请并提交民政部门")?.later(6)?;
    let wages = "留薪期工资18400元已转账，信访人签收";
    story.resolved(&[1], ResolveProof::PaymentVoucher, "银行回单0522", wages)?;
    let law = "工伤待遇按项目计发，没有精神损失费一项，主张赔偿须有损害事实和法律依据";
    story.explained(law, "起初不接受，听律师说明后表示理解")?;
    story.helped(AssistKind::TemporaryRelief, "临水县民政局", 4000)?;
    story.treated_lawfully("经劝阻自行离开", "公安机关批评教育，未予处罚")?.later(3)?;
    story.verified(MeasureKind::Resolve, "核对银行回单，已到账")?;
    story.verified(MeasureKind::Educate, "查阅谈话记录和书面说明")?;
    story.verified(MeasureKind::Assist, "向民政部门核实救助已发放")?;
    story.verified(MeasureKind::LawfulHandling, "程序完整，劝阻在先")?;
    story.later(2)?.closed("合理诉求已解决，其余已解释，困难已救助", PetitionerView::Agrees)?;
    story.later(2)?.pledged("留薪期工资18400元、临时救助4000元", "事情办得公道，我愿意息访")?;
    story.later(20)?.visited("grid.0301", Satisfaction::BasicallySatisfied, "日子慢慢好起来了")?;
    Ok(())
}

/// 办结, 事心双解: settled by mediation, so there is no opinion.
fn fence_settled(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let petition = Petition {
        topic: "101201",
        ..Petition::claim(
            "邻居围栏占用公共通道",
            "邻居扩建围栏占了公共通道，三轮车过不去，请求让出通道。",
            "990122100202001",
            By::One(Someone("云芒种", "19900000403", "北岭镇梨园村2组")),
        )
    };
    let mut story = stage.file(days_ago, "grid.0801", &petition)?;
    story.later(1)?.transferred("petition.town4", "gov.town4", "邻里纠纷，由镇政府办理")?;
    story.later(2)?.accepted()?.given_to_handler()?.later(5)?.found(
        &[Answered::supported("围栏越界1.2米", "应当让出公共通道", "《中华人民共和国民法典》第二百九十一条")],
        Found::NOTHING,
    )?;
    story.later(2)?.mediation_started("梨园村人民调解委员会", "邻户")?;
    story.later(3)?.agreed(1, "邻户七日内后退围栏1.2米，双方互不追究", 7)?;
    story.later(1)?.planned(MeasureKind::Resolve, "到场监督围栏后退", 10)?;
    let summary = "围栏已后退1.2米，三轮车可通行";
    story.later(5)?.resolved(&[1], ResolveProof::RepairPhotos, "照片2张，编号通道-2", summary)?;
    story.later(2)?.verified(MeasureKind::Resolve, "现场测量，已让出")?.not_applicable(REST)?;
    story.closed("调解协议已履行", PetitionerView::Agrees)?;
    story.later(2)?.rated(Satisfaction::Satisfied, "邻居还请我喝了茶")?;
    Ok(())
}

/// 办结: the matter is resolved, the heart is not.
fn bridge_repaired(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer =
        Answered::supported("桥面破损、护栏缺失属实", "村道桥梁应当保持安全通行", "《农村公路养护管理办法》");
    let petition = Petition {
        topic: "060204",
        ..Petition::claim(
            "村桥护栏断裂半年无人修",
            "村西小桥护栏断了半年，骑车的人差点掉下去，请求修复并追究责任。",
            "990121200202001",
            By::One(Someone("苏大寒", "19900000404", "青石乡槐荫村1组")),
        )
    };
    let mut story = stage.file(days_ago, "grid.0401", &petition)?;
    story.later(1)?.transferred("petition.town2", "gov.town2", "村道桥梁由乡政府养护")?.later(3)?;
    story.answered("护栏断裂属实，乡政府安排修复", &[answer], Found::NOTHING)?;
    put_in_place(&mut story, "更换护栏、修补桥面", (ResolveProof::RepairPhotos, "照片5张，编号桥-5"))?;
    story.later(3)?.rated(Satisfaction::NotSatisfied, "桥修好了，但是拖了半年，没有人道歉")?;
    story.later(20)?.visited("petition.town2", Satisfaction::NotSatisfied, "还是觉得心里有气")?;
    Ok(())
}

/// 办结: double resolution that a repeat petition has undone; the repeat is the next story.
fn well_dried_up(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer = Answered::supported(
        "水井干涸与附近抽排地下水有关",
        "开采地下水影响他人取水的应当采取措施",
        "《地下水管理条例》",
    );
    let mut story = stage.file(days_ago, "grid.0302", &well("家中水井干涸，请求解决饮水"))?;
    story.later(1)?.transferred("petition.town2", "gov.town2", "由乡政府解决饮水")?.later(3)?;
    story.answered("水井干涸属实，乡政府接通自来水", &[answer], Found::NOTHING)?;
    put_in_place(&mut story, "接通自来水", (ResolveProof::RepairPhotos, "照片4张，编号水-4"))?;
    story.later(4)?.rated(Satisfaction::Satisfied, "有水喝了")?;
    story.remember("well");
    Ok(())
}

/// 已受理: the repeat, within the observation window.
fn well_again(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let first = stage.recalled("well")?;
    let mut story = stage.file(days_ago, "grid.0302", &well("自来水接通三个月后又断水"))?;
    let reason = "同一信访人反映同一饮水问题，系重复信访";
    story.later(1)?.found_repeated("petition.town2", first, reason)?;
    story.transferred("petition.town2", "gov.town2", "原承办单位继续负责")?.later(3)?.accepted()?;
    Ok(())
}

const fn well(subject: &'static str) -> Petition {
    Petition {
        topic: "010215",
        ..Petition::claim(
            subject,
            "家里饮水一直靠水井，附近工地抽排地下水后水井干涸，请求解决一家五口的饮水问题。",
            "990121200201002",
            By::One(Someone("潘立秋", "19900000405", "青石乡青石村7组")),
        )
    }
}

/// 重新办理: reopened on new facts.
fn compensation_reopened(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer = Answered::supported(
        "附着物清点表漏登果树",
        "征收土地应当足额补偿地上附着物",
        "《中华人民共和国土地管理法》第四十八条",
    );
    let petition = Petition {
        channel: Channel::Letter,
        topic: "030301",
        ..Petition::claim(
            "征地漏登果树，请求补偿",
            "征地时我家果树没有登记，请求补登并补偿。",
            "990122100201002",
            By::One(Someone("葛秋分", "19900000406", "北岭镇北岭村8组")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county2", &petition)?;
    story.later(2)?.transferred("petition.county2", "zrj.county2", "属征地补偿事项")?.later(3)?;
    story.answered("漏登果树31株属实", &[answer], Found::NOTHING)?;
    put_in_place(&mut story, "补登并发放补偿", (ResolveProof::PaymentVoucher, "支付凭证1108"))?;
    let reasons = "信访人提交航拍照片，显示另有果树12株未计入，属新的事实";
    story.later(30)?.reopened("petition.county2", reasons)?;
    Ok(())
}

/// 归档: closed long ago, every clock at rest.
fn tap_water(stage: &mut Stage<'_>, days_ago: u64) -> anyhow::Result<()> {
    let answer =
        Answered::supported("水压检测低于标准", "供水单位应当保证水压符合标准", "《城市供水条例》第二十二条");
    let petition = Petition {
        channel: Channel::Web,
        topic: "010215",
        ..Petition::claim(
            "六楼以上自来水水压不足",
            "小区六楼以上早晚高峰没有水，请求加压。",
            "990121000000",
            By::One(Someone("奚谷雨", "19900000407", "临水县城关南苑小区")),
        )
    };
    let mut story = stage.file(days_ago, "petition.county1", &petition)?;
    story.later(1)?.transferred("petition.county1", "zjj.county1", "属城市供水事项")?.later(3)?;
    story.answered("水压不足属实，加装二次加压设备", &[answer], Found::NOTHING)?;
    put_in_place(&mut story, "安装加压泵", (ResolveProof::RepairPhotos, "照片4张，编号供水-4"))?;
    story.later(5)?.rated(Satisfaction::Satisfied, "早上能洗脸了")?;
    story.later(60)?.archived("petition.county1")?;
    Ok(())
}
