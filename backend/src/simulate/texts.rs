//! What the simulated reports say: Chinese phrases per category with slots for places, shops,
//! people and numbers. Every name, shop and telephone number is made up; which report says what
//! is left to the schedule.

mod life;
mod order;
mod safety;

use super::dice::Dice;

/// What is said about one category.
#[derive(Debug, Clone, Copy)]
pub struct Phrases {
    /// The category's code in the default catalogue.
    pub category: &'static str,
    /// Titles and descriptions as people put them.
    pub said: &'static [(&'static str, &'static str)],
    /// Titles and descriptions as devices put them; empty where no device reports this.
    pub device: &'static [(&'static str, &'static str)],
    /// What handlers report when they are done.
    pub results: &'static [&'static str],
}

/// Through whose words a report comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// A grid worker on patrol.
    Grid,
    /// The 12345 hotline's clerk, for a caller.
    Hotline,
    /// The 110 desk, for a caller.
    Police,
    /// A citizen in person.
    Citizen,
    /// A device.
    Device,
}

/// The names a text may speak of.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The village's or community's name.
    pub village: &'a str,
    /// The township's name.
    pub township: &'a str,
    /// A landmark of the grid, one of [`spot`].
    pub spot: &'a str,
    /// The code of the device that reports; empty for people.
    pub device: &'a str,
}

/// A title and a description, with no slot left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// One line.
    pub title: String,
    /// The whole text.
    pub description: String,
}

/// All phrases, in the order of their files.
pub fn all() -> impl Iterator<Item = &'static Phrases> {
    safety::PHRASES
        .iter()
        .chain(order::PHRASES)
        .chain(life::PHRASES)
}

/// The phrases of a category, by its code.
pub fn of(category: &str) -> Option<&'static Phrases> {
    all().find(|phrases| phrases.category == category)
}

/// What an afternoon's rainstorm brings: category, title, description.
pub fn rain() -> &'static [(&'static str, &'static str, &'static str)] {
    life::RAIN
}

/// What an evening of festival brings: category, title, description.
pub fn festival() -> &'static [(&'static str, &'static str, &'static str)] {
    life::FESTIVAL
}

/// Words for a report of `category` by `voice` at `scene`; the category's code stands in for
/// missing phrases.
pub fn write(category: &str, voice: Voice, scene: &Scene<'_>, dice: &mut Dice) -> Text {
    let Some(phrases) = of(category) else {
        return Text {
            title: category.to_owned(),
            description: String::new(),
        };
    };
    let device = voice == Voice::Device && !phrases.device.is_empty();
    let (title, description) = dice.pick(if device { phrases.device } else { phrases.said });
    compose(title, description, voice, scene, dice)
}

/// Fills a pair of templates and gives the description the voice's opening words.
pub fn compose(
    title: &str,
    description: &str,
    voice: Voice,
    scene: &Scene<'_>,
    dice: &mut Dice,
) -> Text {
    let mut slots = Slots::new(*scene, dice);
    let title = slots.fill(title);
    let description = slots.fill(description);
    let opening = dice.pick(openings(voice));
    let closing = dice.pick(closings(voice));
    Text {
        title,
        description: format!("{opening}{description}{closing}"),
    }
}

/// What the handlers of `category` report when they are done with what `text` tells: the line
/// that speaks of the same things, or a general one.
pub fn result(category: &str, text: &Text, scene: &Scene<'_>, dice: &mut Dice) -> String {
    let told = format!("{}{}", text.title, text.description);
    let lines = of(category).map_or(&[][..], |phrases| phrases.results);
    let best = lines.iter().map(|line| (shared_words(line, &told), *line));
    let line = match best.max_by_key(|(shared, _)| *shared) {
        Some((shared, line)) if shared > 0 => line,
        _ => dice.pick(GENERAL_RESULTS),
    };
    Slots::new(*scene, dice).fill(line)
}

/// How many pairs of neighbouring characters of `line` occur in `told`; a rough count of words.
fn shared_words(line: &str, told: &str) -> usize {
    let chars: Vec<char> = line.chars().collect();
    let is_word = |pair: &&[char]| pair.iter().all(|c| c.is_alphabetic());
    let pairs = chars.windows(2).filter(is_word);
    pairs
        .filter(|pair| told.contains(pair.iter().collect::<String>().as_str()))
        .count()
}

/// The words of somebody who reports what `title` told before.
pub fn again(title: &str, dice: &mut Dice) -> String {
    let (before, after) = dice.pick(&[
        ("又有群众反映：", "，请尽快到场处理。"),
        ("同一地点再次反映：", "，目前仍未处理。"),
        ("补充反映：", "，情况比之前更明显。"),
        ("另一住户来电反映：", "，希望一并处理。"),
    ]);
    format!("{before}{title}{after}")
}

/// A word on the way, once somebody is on the spot.
pub fn progress(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "已到现场，正在核实情况。",
        "已联系当事人，约定上门时间。",
        "已通知责任单位到场，先行设置警示。",
        "现场已拍照取证，正在处置。",
        "已与报告人取得联系，正赶往现场。",
    ])
}

/// A landmark: a grid keeps the one its `number` names.
pub fn spot(number: u64) -> &'static str {
    SPOTS[(number % SPOTS.len() as u64) as usize]
}

/// A made-up person: a name and a telephone number of the reserved form 1380000xxxx.
pub fn person(dice: &mut Dice) -> (String, String) {
    let name = format!("{}{}", dice.pick(SURNAMES), dice.pick(GIVEN));
    (name, format!("1380000{:04}", dice.whole(0, 9999)))
}

fn openings(voice: Voice) -> &'static [&'static str] {
    match voice {
        Voice::Grid => &[
            "网格员巡查发现：",
            "日常走访中发现，",
            "网格巡查：",
            "入户走访时群众反映，",
        ],
        Voice::Hotline => &[
            "来电人反映：",
            "市民来电称，",
            "12345来电：",
            "来电人再次来电，",
        ],
        Voice::Police => &["报警人称：", "110转来警情：", "群众报警，", "路人报警称，"],
        Voice::Citizen => &["", "你好，", "我是附近居民，", "随手拍："],
        Voice::Device => &[""],
    }
}

fn closings(voice: Voice) -> &'static [&'static str] {
    match voice {
        Voice::Grid => &[
            "",
            "已拍照上报。",
            "已先行提醒周边群众注意。",
            "请相关单位处理。",
        ],
        Voice::Hotline => &[
            "",
            "要求尽快处理并回复。",
            "来电人要求保密。",
            "请部门核实后回电。",
        ],
        Voice::Police => &["", "请就近力量先行处置。", "已派民警前往，请属地配合。"],
        Voice::Citizen => &["", "谢谢！", "麻烦尽快处理。", "希望有人管一管。"],
        Voice::Device => &[""],
    }
}

/// Slot values of one report: a slot named twice gets one value.
struct Slots<'a, 'd> {
    scene: Scene<'a>,
    dice: &'d mut Dice,
    known: Vec<(String, String)>,
}

impl<'a, 'd> Slots<'a, 'd> {
    fn new(scene: Scene<'a>, dice: &'d mut Dice) -> Self {
        Self {
            scene,
            dice,
            known: Vec::new(),
        }
    }

    fn fill(&mut self, template: &str) -> String {
        let mut out = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (slot, tail) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(&self.value(slot));
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    fn value(&mut self, slot: &str) -> String {
        if let Some((_, value)) = self.known.iter().find(|(name, _)| name == slot) {
            return value.clone();
        }
        let value = self.draw(slot);
        self.known.push((slot.to_owned(), value.clone()));
        value
    }

    fn draw(&mut self, slot: &str) -> String {
        let dice = &mut *self.dice;
        match slot {
            "v" => self.scene.village.to_owned(),
            "t" => self.scene.township.to_owned(),
            "spot" => self.scene.spot.to_owned(),
            "dev" if !self.scene.device.is_empty() => self.scene.device.to_owned(),
            "dev" => format!("SN-{:05}", dice.whole(10_000, 99_999)),
            "road" => dice.pick(ROADS).to_owned(),
            "shop" => dice.pick(SHOPS).to_owned(),
            "eatery" => dice.pick(EATERIES).to_owned(),
            "pharmacy" => dice.pick(PHARMACIES).to_owned(),
            "clinic" => dice.pick(CLINICS).to_owned(),
            "plant" => dice.pick(PLANTS).to_owned(),
            "site" => dice.pick(SITES).to_owned(),
            "estate" => dice.pick(ESTATES).to_owned(),
            "school" => dice.pick(SCHOOLS).to_owned(),
            "name" => format!("{}某", dice.pick(SURNAMES)),
            "elder" => format!(
                "{}{}",
                dice.pick(SURNAMES),
                dice.pick(&["大爷", "阿婆", "奶奶", "大伯"])
            ),
            "plate" => format!("浙H·**{:03}", dice.whole(0, 999)),
            "money" => format!("{}.{}万元", dice.whole(0, 4), dice.whole(1, 9)),
            other => number(other, dice),
        }
    }
}

fn number(slot: &str, dice: &mut Dice) -> String {
    let (low, high) = match slot {
        "m" => (12, 60),
        "h" => (2, 9),
        "house" => (1, 188),
        "age" => (68, 91),
        "cm" => (15, 60),
        "pct" => (8, 40),
        "ppm" => (110, 480),
        "db" => (58, 76),
        _ => (2, 7),
    };
    dice.whole(low, high).to_string()
}

const GENERAL_RESULTS: &[&str] = &[
    "已到现场核实并处置完毕，已向报告人回复。",
    "经现场核实，责任单位已落实整改，网格员复查正常。",
    "已会同责任单位到场处理，问题解决，照片已上传。",
    "已处置完毕，列入近期回访。",
];
const SPOTS: &[&str] = &[
    "村委会旁",
    "文化礼堂前",
    "老年活动中心门口",
    "村口公交站",
    "农贸市场东侧",
    "小学北侧",
    "卫生室对面",
    "篮球场边",
    "晒谷场旁",
    "水泥桥头",
    "便民服务点门口",
    "健身广场",
    "老樟树下",
    "祠堂门口",
    "停车场入口",
];
const ROADS: &[&str] = &[
    "文昌路",
    "人民路",
    "建设路",
    "沿江路",
    "环城东路",
    "解放街",
    "学府路",
    "工业大道",
    "振兴路",
    "迎宾大道",
    "滨河北路",
    "南门街",
    "新桥路",
    "站前路",
    "园区三路",
];
const SHOPS: &[&str] = &[
    "好邻里超市",
    "阿芳便利店",
    "鑫源五金店",
    "惠家粮油店",
    "顺达汽修",
    "小康副食店",
    "花开鲜花店",
    "老街茶行",
    "新苗文具店",
    "万家灯饰",
    "丰收农资店",
    "捷安车行",
];
const EATERIES: &[&str] = &[
    "老街面馆",
    "福满楼饭店",
    "醉溪大排档",
    "阿婆早餐店",
    "山里人家农家乐",
    "八方烧烤",
    "一品土菜馆",
    "临江宵夜",
];
const PHARMACIES: &[&str] = &["惠民药店", "安康大药房", "仁和堂药店", "百草药房"];
const CLINICS: &[&str] = &["镇卫生院", "社区卫生服务中心", "县人民医院", "县中医院"];
const PLANTS: &[&str] = &[
    "宏发木业",
    "永盛建材厂",
    "恒泰化工",
    "绿源养殖场",
    "兴旺纸制品厂",
    "金穗粮食加工厂",
    "华力五金厂",
    "清泉印染厂",
];
const SITES: &[&str] = &[
    "滨江安置房二期工地",
    "东湖小区工地",
    "园区标准厂房项目",
    "综合客运站工地",
    "老街改造项目",
    "污水管网项目工地",
];
const ESTATES: &[&str] = &[
    "翡翠园小区",
    "东湖小区",
    "阳光花苑",
    "锦绣家园",
    "和谐公寓",
    "滨江安置小区",
    "教师新村",
    "桂花园小区",
];
const SCHOOLS: &[&str] = &[
    "实验小学",
    "中心小学",
    "第二初中",
    "第三幼儿园",
    "城东小学",
    "职业中学",
];
const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "朱", "胡", "郑", "何",
    "余", "方", "姜", "毛",
];
const GIVEN: &[&str] = &[
    "建国", "秀英", "志强", "丽华", "小燕", "国平", "美娟", "永福", "春花", "晓东", "文斌", "雪琴",
    "金水", "海英", "卫东", "慧敏", "土根", "玉兰", "俊杰", "雅琴",
];

#[cfg(test)]
mod tests {
    use super::*;

    const SCENE: Scene<'static> = Scene {
        village: "青山村",
        township: "云溪镇",
        spot: "水泥桥头",
        device: "",
    };

    #[test]
    fn every_category_has_several_texts_and_results() {
        let mut codes: Vec<_> = all().map(|phrases| phrases.category).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 42);
        for phrases in all() {
            assert!(phrases.said.len() >= 3, "{}", phrases.category);
            assert!(phrases.results.len() >= 2, "{}", phrases.category);
        }
    }

    #[test]
    fn no_slot_is_left_open_or_unknown() {
        let known = [
            "v", "t", "spot", "dev", "road", "shop", "eatery", "pharmacy", "clinic", "plant",
            "site", "estate", "school", "name", "elder", "plate", "money", "n", "m", "h", "house",
            "age", "cm", "pct", "ppm", "db",
        ];
        let burst = rain()
            .iter()
            .chain(festival())
            .map(|(_, title, description)| (*title, *description));
        let pairs = all()
            .flat_map(|p| p.said.iter().chain(p.device))
            .copied()
            .chain(burst);
        let lines = pairs.flat_map(|(title, description)| [title, description]);
        for line in lines.chain(all().flat_map(|p| p.results.iter().copied())) {
            for part in line.split('{').skip(1) {
                let slot = part.split_once('}').map_or("unclosed", |(slot, _)| slot);
                assert!(known.contains(&slot), "{slot} in {line}");
            }
            let mut dice = Dice::new(3, line);
            let text = compose(line, line, Voice::Hotline, &SCENE, &mut dice);
            assert!(
                !text.title.contains(['{', '}']) && !text.description.contains(['{', '}']),
                "{line}"
            );
        }
    }

    #[test]
    fn titles_tell_no_name_and_no_door() {
        let burst = rain().iter().chain(festival()).map(|(_, title, _)| *title);
        let titles = all()
            .flat_map(|p| p.said.iter().chain(p.device))
            .map(|(title, _)| *title);
        for title in titles.chain(burst) {
            assert!(
                ["{name}", "{elder}", "{house}"]
                    .iter()
                    .all(|slot| !title.contains(slot)),
                "{title}"
            );
        }
    }

    #[test]
    fn results_speak_of_what_was_told() {
        let mut dice = Dice::new(5, "result");
        let text = Text {
            title: "爆管漏水".to_owned(),
            description: "水管爆裂".to_owned(),
        };
        assert!(result("0704", &text, &SCENE, &mut dice).contains("爆管"));
        let text = Text {
            title: "甲".to_owned(),
            description: "乙".to_owned(),
        };
        assert!(GENERAL_RESULTS.contains(&result("0704", &text, &SCENE, &mut dice).as_str()));
    }

    #[test]
    fn a_slot_named_twice_has_one_value() {
        let mut dice = Dice::new(5, "twice");
        let text = compose("{road}{n}", "{road}{n}", Voice::Device, &SCENE, &mut dice);
        assert_eq!(text.title, text.description);
    }

    #[test]
    fn telephone_numbers_are_of_the_reserved_form() {
        let mut dice = Dice::new(9, "phone");
        for _ in 0..100 {
            let (name, phone) = person(&mut dice);
            assert!(phone.len() == 11 && phone.starts_with("1380000") && !name.is_empty());
        }
    }
}
