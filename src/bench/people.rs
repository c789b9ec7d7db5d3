//! The people of the data set and what they write: nobody who lives.

use domain::person::Person;

use super::chance::Chance;

const SURNAMES: [&str; 24] = [
    "李", "王", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何",
    "郭", "马", "罗", "梁", "宋", "郑", "谢",
];
const GIVEN: [&str; 24] = [
    "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至", "小暑", "大暑", "立秋",
    "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至", "小寒", "大寒",
];
const MATTERS: [&str; 20] = [
    "村道积水",
    "路灯不亮",
    "拖欠工资",
    "夜市噪声",
    "征地补偿款未到账",
    "房屋漏水",
    "自来水水压不足",
    "不动产证办理迟延",
    "油烟直排居民楼",
    "公交线路停运",
    "低保申请未获答复",
    "校门口交通拥堵",
    "河道污水直排",
    "宅基地界址争议",
    "医保报销遗漏",
    "物业费重复收取",
    "养老金资格认证",
    "施工扬尘",
    "电梯停运",
    "集体收益分配不公开",
];

/// The particulars of a person of the data set.
///
/// # Errors
/// The made-up particulars are refused.
pub fn person(seed: u64, number: u64) -> anyhow::Result<Person> {
    let mut chance = Chance::of(seed ^ 0xFACE, number);
    let name = format!("{}{}", pick(&SURNAMES, &mut chance), pick(&GIVEN, &mut chance));
    Ok(Person {
        name: name.parse()?,
        gender: None,
        birth_date: None,
        identity: None,
        phone: Some(phone(number).parse()?),
        address: Some(format!("第{}组{}号", 1 + chance.below(12), 1 + chance.below(300)).parse()?),
        region: None,
        occupation: None,
        work_unit: None,
    })
}

/// A mobile number of nobody's; each number is another person's.
pub fn phone(number: u64) -> String {
    format!("199{:08}", number % 100_000_000)
}

/// What a case is about, and how the petitioner tells it.
pub fn words(seed: u64, serial: u64) -> (String, String) {
    let mut chance = Chance::of(seed ^ 0x00D5, serial);
    let matter = pick(&MATTERS, &mut chance);
    let months = 1 + chance.below(30);
    let subject = format!("{matter}，持续{months}个月未解决（{serial}）");
    let narrative = format!(
        "本人住第{}组。{matter}已有{months}个月，先后{}次向村里和有关单位反映，答复说正在协调，至今没有结果，\
         影响{}户人家的生产生活。请求有关部门实地查看，查清原因，明确责任单位和办理时限，并把结果告知本人。",
        1 + chance.below(12),
        2 + chance.below(6),
        1 + chance.below(60),
    );
    (subject, narrative)
}

fn pick<'a>(words: &[&'a str], chance: &mut Chance) -> &'a str {
    let at = chance.below(u64::try_from(words.len()).unwrap_or(1));
    usize::try_from(at).ok().and_then(|at| words.get(at)).copied().unwrap_or("")
}
