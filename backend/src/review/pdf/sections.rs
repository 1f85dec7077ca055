//! What the report says in tables.

use domain::session::review::{Judgement, Member, Outcome, Point};
use domain::session::{Evidence, Line, Step, Task};

use super::super::words;
use super::sheet::{AMBER, INK, QUIET, RED, Sheets};
use super::table::{Cell, draw};
use super::{Paper, clock, span, stamp};
use crate::problem::Language;

const NONE: &str = "—";

impl Paper<'_> {
    /// What was ordered by whom, and what came of it.
    pub(super) fn facts(&self, sheets: &mut Sheets<'_>) {
        let review = &self.report.review;
        let l = self.language;
        let when = |at: Option<_>| at.map_or_else(|| NONE.to_owned(), stamp);
        let place = review.place.address.clone().unwrap_or_default();
        let rows = [
            (
                self.of("类型", "Kind"),
                words::kind(review.kind, review.whistle, l).to_owned(),
            ),
            (
                self.of("地点", "Scene"),
                format!("{} {place}", self.report.region()),
            ),
            (
                self.of("下令（T0）", "Ordered (T0)"),
                when(review.ordered_at),
            ),
            (self.of("结束", "Ended"), when(review.ended_at)),
            (
                self.of("状态", "Stage"),
                words::stage(review.stage, l).to_owned(),
            ),
            (
                self.of("发起", "Asked by"),
                self.report.by(&review.asker, l),
            ),
            (self.of("指挥长", "Commander"), self.commanders()),
            (self.of("时限", "Limits"), self.limits()),
            (
                self.of("处置结果", "Result"),
                review.result.clone().unwrap_or_else(|| NONE.to_owned()),
            ),
        ];
        let rows =
            rows.map(|(name, value)| vec![Cell::default().and_in(name, QUIET), Cell::new(value)]);
        draw(
            sheets,
            &[
                (self.of("项目", "Item"), 1.0),
                (self.of("内容", "What"), 5.2),
            ],
            rows.into(),
        );
    }

    /// Who commanded, one after the other.
    fn commanders(&self) -> String {
        let commanders = self.report.review.commanders.iter().map(|one| {
            let org = one
                .org
                .as_ref()
                .map(|org| self.report.org(org, self.language));
            let known = self.report.names.get(&one.id).map(String::as_str);
            let who = match (known, org) {
                (Some(name), Some(org)) => words::aside(self.language, name, org),
                (Some(name), None) => name.to_owned(),
                (None, Some(org)) => org.to_owned(),
                (None, None) => NONE.to_owned(),
            };
            format!("{who} {} {}", self.of("自", "since"), clock(one.since))
        });
        commanders
            .collect::<Vec<String>>()
            .join(self.of("；", "; "))
    }

    /// The limits it ran under.
    fn limits(&self) -> String {
        let limits = &self.report.review.limits;
        match self.language {
            Language::Zh => format!(
                "集结 {}，已阅 {}{}",
                span(limits.muster_secs),
                span(limits.read_secs),
                limits
                    .respond_secs
                    .map_or_else(String::new, |secs| format!("，报到 {}", span(secs)))
            ),
            Language::En => format!(
                "moving {}, read {}{}",
                span(limits.muster_secs),
                span(limits.read_secs),
                limits
                    .respond_secs
                    .map_or_else(String::new, |secs| format!(", reporting {}", span(secs)))
            ),
        }
    }

    /// Each organisation with its seconds and its judgement.
    pub(super) fn judged(&self, sheets: &mut Sheets<'_>) {
        sheets.heading(
            self.of("一、各单位评判", "1. Each organisation, judged"),
            60.0,
        );
        let columns = [
            (self.of("单位", "Organisation"), 2.3),
            (self.of("收到", "Answered"), 1.0),
            (self.of("出动", "Moving"), 1.0),
            (self.of("到场", "Arrived"), 1.0),
            (self.of("完成", "Done"), 1.0),
            (self.of("集结评判", "Muster"), 1.25),
            (self.of("下令渠道", "Channels"), 1.6),
            (self.of("评价", "Rated"), 1.6),
        ];
        let rows = self.report.review.members.iter();
        let rows = rows.map(|member| self.judged_row(member)).collect();
        draw(sheets, &columns, rows);
        let note = self.of(
            "用时自该单位的命令发出时起算；断网时的点击按其发生时间计。集结评判只看是否在时限内出动，到场另计。",
            "Times count from the organisation's own order; a tap made without a link counts from when it was made. The muster clock is about setting out, not arriving.",
        );
        sheets.paragraph(note, 8.0, QUIET);
    }

    fn judged_row(&self, member: &Member) -> Vec<Cell> {
        let l = self.language;
        let secs = |step| {
            let point = member.point(step);
            let text = point.map_or_else(|| NONE.to_owned(), |point| span(point.secs));
            Cell::new(text)
        };
        let units = member.units.iter().map(|unit| self.report.unit(unit));
        let units = units.collect::<Vec<_>>().join(self.of("、", ", "));
        let name = self.report.org(&member.org, l);
        let name = if member.task == Task::Lead {
            words::aside(l, name, words::task(member.task, l))
        } else {
            name.to_owned()
        };
        let chain = member
            .chain
            .iter()
            .map(|rung| words::channel(rung.channel, l));
        let chain = chain.collect::<Vec<_>>().join(" → ");
        let rating = member.rating.as_ref();
        let score = rating.map_or_else(|| NONE.to_owned(), |one| format!("{} / 5", one.score));
        let word = rating.and_then(|one| one.word.clone()).unwrap_or_default();
        vec![
            Cell::bold(name, INK).and(units),
            secs(Step::Acknowledged),
            secs(Step::Moving),
            secs(Step::Arrived),
            secs(Step::Done),
            self.judgement(&member.muster, member.respond.as_ref()),
            Cell::new(chain),
            Cell::new(score).and(word),
        ]
    }

    fn judgement(&self, muster: &Judgement, respond: Option<&Judgement>) -> Cell {
        let late = |one: &Judgement| match (one.outcome, self.language) {
            (Outcome::Late, Language::Zh) => format!("超 {}", span(one.late_secs)),
            (Outcome::Late, Language::En) => format!("by {}", span(one.late_secs)),
            _ => String::new(),
        };
        let (word, ink) = self.outcome(muster.outcome);
        let cell = Cell::bold(word, ink).and_in(late(muster), RED);
        let Some(respond) = respond else { return cell };
        let (word, ink) = match respond.outcome {
            Outcome::Missing => (self.of("未报到", "never").to_owned(), RED),
            Outcome::Late => (late(respond), RED),
            other => {
                let (word, ink) = self.outcome(other);
                (word.to_owned(), ink)
            }
        };
        let text = format!("{} {word}", self.of("报到", "reporting"));
        cell.and_in(text, ink)
    }

    /// What was claimed against what positions showed.
    pub(super) fn claims(&self, sheets: &mut Sheets<'_>) {
        sheets.heading(
            self.of("四、所报与所见", "4. What was claimed, what was seen"),
            60.0,
        );
        let columns = [
            (self.of("单位", "Organisation"), 1.8),
            (self.of("报称出动", "Says it moves"), 1.7),
            (self.of("位置显示出动", "Seen moving"), 1.5),
            (self.of("报称到场", "Says it is there"), 1.7),
            (self.of("位置显示到场", "Seen there"), 1.5),
            (self.of("核对", "Compared"), 1.6),
        ];
        let rows = self.report.review.members.iter().map(|member| {
            let (moving, arrived) = (member.point(Step::Moving), member.point(Step::Arrived));
            vec![
                Cell::new(self.report.org(&member.org, self.language)),
                self.claimed(moving),
                self.seen(moving),
                self.claimed(arrived),
                self.seen(arrived),
                self.compared(member),
            ]
        });
        draw(sheets, &columns, rows.collect());
        let rule = self.of(
            "报称出动后三分钟内位置未向现场靠近一百米的，记为存疑；到场由位置进入现场围栏提示，由人确认。",
            "Whoever says that it moves and is not 100 m nearer within three minutes is doubted. Positions within the fence suggest an arrival; a person confirms it.",
        );
        sheets.paragraph(rule, 8.0, QUIET);
    }

    fn claimed(&self, point: Option<&Point>) -> Cell {
        let claim = point.and_then(|point| point.claimed.as_ref());
        let Some(claim) = claim else {
            return Cell::new(NONE);
        };
        let told = claim.told_at.map_or_else(String::new, |at| {
            format!("{} {}", self.of("补报", "told"), clock(at))
        });
        let rests = match &claim.evidence {
            Evidence::Button => String::new(),
            other => words::evidence(other, self.language),
        };
        Cell::new(format!("{}  +{}", clock(claim.at), span(claim.secs)))
            .and(rests)
            .and(told)
    }

    fn seen(&self, point: Option<&Point>) -> Cell {
        let seen = point.and_then(|point| point.observed);
        let Some(seen) = seen else {
            return Cell::new(NONE);
        };
        let metres = seen
            .metres
            .map_or_else(String::new, |metres| match self.language {
                Language::Zh => format!("{metres} 米"),
                Language::En => format!("{metres} m"),
            });
        Cell::new(format!("{}  +{}", clock(seen.at), span(seen.secs))).and(metres)
    }

    fn compared(&self, member: &Member) -> Cell {
        if let Some(at) = member.doubted_at {
            let moved = member.point(Step::Moving).and_then(|point| point.observed);
            let later = moved.map_or_else(
                || {
                    self.of("其后位置仍未见移动", "never seen to move")
                        .to_owned()
                },
                |seen| format!("{} {}", self.of("其后", "moved"), clock(seen.at)),
            );
            let doubt = format!("{} {}", self.of("存疑", "doubted"), clock(at));
            return Cell::bold(doubt, AMBER).and(later);
        }
        let point = member.point(Step::Moving);
        let both = point.and_then(|point| Some((point.claimed.as_ref()?, point.observed?)));
        match both {
            Some((claim, seen)) if claim.secs <= seen.secs => {
                let later = span(seen.secs - claim.secs);
                Cell::new(format!(
                    "{} {later}",
                    self.of("相符，晚见", "agrees, seen after")
                ))
            }
            Some(_) => Cell::new(self.of("相符，先见后报", "agrees, seen first")),
            None if point.is_some_and(|point| point.claimed.is_some()) => {
                Cell::new(self.of("无位置可核对", "no positions to compare")).and("")
            }
            None => Cell::new(NONE),
        }
    }

    /// What was said, and who took note of it.
    pub(super) fn messages(&self, sheets: &mut Sheets<'_>) {
        let messages = &self.report.review.messages;
        if messages.is_empty() {
            return;
        }
        sheets.heading(
            self.of("五、消息与确认", "5. Messages, and who saw them"),
            60.0,
        );
        let columns = [
            (self.of("时间", "When"), 0.8),
            (self.of("发出", "From"), 1.5),
            (self.of("内容", "What"), 4.2),
            (self.of("确认", "Seen by"), 2.2),
        ];
        let rows = messages.iter().map(|message| {
            let seen = message.acknowledged.iter();
            let seen = seen.map(|one| {
                let by = self.report.by(&one.by, self.language);
                format!("{by} {}", clock(one.occurred_at.unwrap_or(one.at)))
            });
            let seen = seen.collect::<Vec<_>>().join(self.of("；", "; "));
            let seen = if seen.is_empty() {
                NONE.to_owned()
            } else {
                seen
            };
            let files = match (message.attachments.len(), self.language) {
                (0, _) => String::new(),
                (n, Language::Zh) => format!("附件 {n} 个"),
                (n, Language::En) => format!("{n} attached"),
            };
            vec![
                Cell::new(clock(message.occurred_at.unwrap_or(message.at))),
                Cell::new(self.report.by(&message.by, self.language)),
                Cell::new(message.text.clone()).and(files),
                Cell::default().and(seen),
            ]
        });
        draw(sheets, &columns, rows.collect());
    }

    /// Everything that happened, in order.
    pub(super) fn timeline(&self, sheets: &mut Sheets<'_>) {
        let review = &self.report.review;
        let number = if review.messages.is_empty() {
            self.of("五、时间线", "5. Timeline")
        } else {
            self.of("六、时间线", "6. Timeline")
        };
        sheets.heading(number, 60.0);
        let columns = [
            (self.of("时间", "When"), 0.8),
            (self.of("T0 起", "From T0"), 0.7),
            (self.of("单位", "Organisation"), 1.8),
            (self.of("发生了什么", "What happened"), 4.2),
            (self.of("由谁", "By"), 2.0),
        ];
        let rows = review.timeline.iter().map(|line| self.line(line));
        draw(sheets, &columns, rows.collect());
    }

    fn line(&self, line: &Line) -> Vec<Cell> {
        let l = self.language;
        let since = self.report.review.ordered_at.filter(|at| *at <= line.at);
        let since = since.map_or_else(String::new, |at| {
            let secs = line.at.since(at).as_secs();
            format!("+{}", span(u32::try_from(secs).unwrap_or_default()))
        });
        let org = line.org.as_ref().map(|org| self.report.org(org, l));
        let mut what = words::happening(line.what, l).to_owned();
        let about = line.about.map(|about| words::about(about, l));
        for said in about.into_iter().chain(line.text.clone()) {
            what.push_str(self.of("：", ": "));
            what.push_str(&said);
        }
        let occurred = line.occurred_at.filter(|at| *at < line.at);
        let occurred = occurred.map_or_else(String::new, |at| {
            format!("{} {}", self.of("发生于", "happened at"), clock(at))
        });
        vec![
            Cell::new(clock(line.at)),
            Cell::default().and(since),
            Cell::new(org.unwrap_or_default()),
            Cell::new(what).and(occurred),
            Cell::default().and(self.report.by(&line.by, l)),
        ]
    }
}
