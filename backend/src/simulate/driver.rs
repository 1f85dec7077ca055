//! Lives the simulated day: posts the reports that are due and lets the handlers follow them up,
//! all through the public interface. Starts full in the middle of a day, and after a restart goes
//! on with what is open. What is reported and done is said by the schedule and the handlers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use domain::time::{Date, Timestamp, UtcOffset};
use futures_util::{StreamExt, stream};
use geodata::region::{Code, RegionTree};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::client::{Client, Halt, Reply};
use super::dice::{Dice, hash};
use super::field::{self, FieldOptions};
use super::handlers::{Command, Cursor, HOUR_MS, MINUTE_MS, Pace, Plan, View, next};
use super::kinds::{self, TimeClass};
use super::schedule::{DayPlan, PlannedReport, Source, prefix};
use super::texts;

/// A start just after midnight brings the evening before with it, so that the wall is not empty.
const WARM_UP_MS: i64 = 8 * HOUR_MS;
/// Reports in one batch.
const BATCH: usize = 50;
/// Incidents followed up at the same time.
const AT_ONCE: usize = 8;
/// Incidents followed up before the reports get their turn again.
const FOLLOW_UPS: usize = 64;
/// The longest sleep in life: a clock that is set or stopped is noticed after it.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// The simulated time and how it passes.
pub trait SimClock: Send + Sync {
    /// Now, in Unix milliseconds.
    fn now_ms(&self) -> i64;
    /// How long `sim_ms` simulated milliseconds last in life.
    fn real(&self, sim_ms: i64) -> Duration;
}

/// A way to read the time and its rate: simulated seconds in one second of life, above 0.
impl<F: Fn() -> i64 + Send + Sync> SimClock for (F, f64) {
    fn now_ms(&self) -> i64 {
        (self.0)()
    }

    fn real(&self, sim_ms: i64) -> Duration {
        Duration::try_from_secs_f64(sim_ms as f64 / 1000.0 / self.1).unwrap_or(LONGEST_SLEEP)
    }
}

/// The bearer tokens the simulation acts with.
#[derive(Clone, Default)]
pub struct Tokens {
    /// One for each source; one without is left out of the day.
    pub sources: BTreeMap<Source, String>,
    /// A command room's: reads, accepts, confirms by call-back.
    pub room: String,
    /// A handling unit's: signs, works, tells the result.
    pub handler: String,
}

/// What a simulation needs.
pub struct SimOptions {
    /// The server, such as `http://127.0.0.1:8080`.
    pub base_url: String,
    /// Whom it acts as.
    pub tokens: Tokens,
    /// The same seed tells the same days.
    pub seed: u64,
    /// The server's time.
    pub clock: Arc<dyn SimClock>,
    /// About how many reports a day.
    pub per_day: u32,
    /// The county.
    pub tree: Arc<RegionTree>,
    /// A point well inside each grid: code, degrees east, degrees north (WGS84).
    pub points: Vec<(Code, f64, f64)>,
    /// Units and sessions; none where the day has reports alone.
    pub field: Option<FieldOptions>,
    /// Turns true when the simulation is to end.
    pub stop: watch::Receiver<bool>,
}

/// Why a simulation ended by itself; a sentence for a person.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SimError(String);

/// Runs the simulation until it is asked to stop. Fails only where going on is pointless: the
/// server does not accept a token. A server that is away is waited for.
pub async fn run(opts: SimOptions) -> Result<(), SimError> {
    match live(opts).await {
        Ok(()) | Err(Halt::Stopped) => Ok(()),
        Err(halt) => Err(SimError(halt.to_string())),
    }
}

async fn live(opts: SimOptions) -> Result<(), Halt> {
    if opts.points.is_empty() || opts.per_day == 0 {
        tracing::warn!("the county has no grids to report from; the simulated day stays empty");
        return Ok(());
    }
    let client = Client::new(&opts.base_url, opts.stop.clone())?;
    let mut driver = Driver::new(&opts, client.clone());
    let field = async {
        match &opts.field {
            Some(field) => field::live(&opts, field, &client).await,
            None => Ok(()),
        }
    };
    tokio::try_join!(reports(&mut driver), field)?;
    Ok(())
}

/// The reports and those who handle them, until the simulation is asked to stop.
async fn reports(driver: &mut Driver<'_>) -> Result<(), Halt> {
    driver.take_up_open().await?;
    loop {
        driver.post_due().await?;
        driver.follow_due().await?;
        let client = driver.client.clone();
        client.or_stop(tokio::time::sleep(driver.pause())).await?;
    }
}

/// One incident in the handlers' hands.
struct Followed {
    id: String,
    plan: Plan,
    /// Where it came from, if its reporter may confirm the result through that.
    source: Option<Source>,
    /// Nothing until the first look at an incident met on the way.
    cursor: Option<Cursor>,
}

struct Driver<'o> {
    opts: &'o SimOptions,
    client: Client,
    /// Reports to come, in order; always some.
    planned: VecDeque<PlannedReport>,
    next_day: Date,
    followed: HashMap<String, Followed>,
    /// When to look at which incident next.
    agenda: BinaryHeap<Reverse<(i64, String)>>,
}

impl<'o> Driver<'o> {
    fn new(opts: &'o SimOptions, client: Client) -> Self {
        let now = opts.clock.now_ms();
        let from = now - WARM_UP_MS;
        let today = Timestamp::from_millis(now).date(UtcOffset::CHINA);
        let first = Timestamp::from_millis(from).date(UtcOffset::CHINA);
        let mut driver = Self {
            opts,
            client,
            planned: VecDeque::new(),
            next_day: first,
            followed: HashMap::new(),
            agenda: BinaryHeap::new(),
        };
        while driver.next_day <= today {
            driver.plan_day();
        }
        // All of today counts; of yesterday only what the warm-up reaches.
        driver.planned.retain(|report| {
            let day = Timestamp::from_millis(report.at_ms).date(UtcOffset::CHINA);
            day == today || report.at_ms >= from
        });
        leave_some_lying(driver.planned.make_contiguous(), now);
        driver
    }

    fn plan_day(&mut self) {
        let opts = self.opts;
        let plan = DayPlan::new(
            opts.seed,
            self.next_day,
            &opts.tree,
            &opts.points,
            opts.per_day,
        );
        let tokens = &opts.tokens.sources;
        self.planned.extend(
            plan.into_iter()
                .filter(|report| tokens.contains_key(&report.source)),
        );
        self.next_day = self.next_day.plus_days(1);
    }

    /// Goes on with what an earlier run left open. What others reported is theirs to handle.
    async fn take_up_open(&mut self) -> Result<(), Halt> {
        let prefix = prefix(self.opts.seed);
        let mut cursor = None::<String>;
        for _ in 0..100 {
            let after = cursor
                .as_ref()
                .map(|next| format!("&cursor={next}"))
                .unwrap_or_default();
            let path = format!("/incidents?status=open&limit=200{after}");
            let reply = self.client.get(&path, &self.opts.tokens.room).await?;
            let items = reply.body["items"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            for item in items {
                self.take_up(item, &prefix);
            }
            cursor = reply.body["next"]
                .as_str()
                .filter(|next| !next.is_empty())
                .map(encode);
            if cursor.is_none() || items.is_empty() {
                break;
            }
        }
        Ok(())
    }

    fn take_up(&mut self, item: &Value, prefix: &str) {
        let external = item["external_id"].as_str().unwrap_or(prefix);
        let (Some(id), true) = (item["id"].as_str(), external.starts_with(prefix)) else {
            return;
        };
        let planned = self
            .planned
            .iter()
            .find(|report| report.external_id == external);
        let plan = planned.map_or_else(|| self.made_up(id, item), |report| report.handling.clone());
        let source = planned.filter(|report| report.handling.reporter_confirms);
        let source = source.map(|report| report.source);
        self.follow(
            Followed {
                id: id.to_owned(),
                plan,
                source,
                cursor: None,
            },
            0,
        );
    }

    /// A plan for an incident of another day.
    fn made_up(&self, id: &str, item: &Value) -> Plan {
        let mut dice = Dice::new(self.opts.seed, id);
        let category = item["category"]
            .as_str()
            .and_then(kinds::known)
            .unwrap_or("1003");
        let scene = texts::Scene {
            village: "本村",
            township: "本镇",
            spot: "现场",
            device: "",
        };
        let title = item["title"].as_str().unwrap_or_default().to_owned();
        let text = texts::Text {
            title,
            description: String::new(),
        };
        let result = texts::result(category, &text, &scene, &mut dice);
        let note = texts::progress(&mut dice);
        Plan::draw(category, note, result, &mut dice)
    }

    fn follow(&mut self, followed: Followed, at_ms: i64) {
        if self.followed.contains_key(&followed.id) {
            return;
        }
        self.agenda.push(Reverse((at_ms, followed.id.clone())));
        self.followed.insert(followed.id.clone(), followed);
    }

    /// Posts every report that is due: one by itself, several of a source as a batch.
    async fn post_due(&mut self) -> Result<(), Halt> {
        let now = self.opts.clock.now_ms();
        let mut due = BTreeMap::<Source, Vec<PlannedReport>>::new();
        loop {
            if self.planned.is_empty() {
                self.plan_day();
            }
            match self.planned.pop_front_if(|report| report.at_ms <= now) {
                Some(report) => due.entry(report.source).or_default().push(report),
                None => break,
            }
        }
        for (source, reports) in due {
            for batch in reports.chunks(BATCH) {
                self.post(source, batch).await?;
            }
        }
        Ok(())
    }

    async fn post(&mut self, source: Source, reports: &[PlannedReport]) -> Result<(), Halt> {
        let Some(token) = self.opts.tokens.sources.get(&source).cloned() else {
            return Ok(());
        };
        let mut left: Vec<&PlannedReport> = reports.iter().collect();
        // What a batch could not take in is offered again; the ids keep it from counting twice.
        for _ in 0..3 {
            let (key, body) = match left.as_slice() {
                [] => return Ok(()),
                [one] => (one.external_id.clone(), one.body()),
                many => (
                    batch_key(many),
                    many.iter().map(|report| report.body()).collect(),
                ),
            };
            let reply = self.client.post("/reports", &token, &key, &body).await?;
            left = self.take_receipts(&left, &reply);
        }
        if !left.is_empty() {
            tracing::warn!(
                source = source.id(),
                left = left.len(),
                "reports were not taken in"
            );
        }
        Ok(())
    }

    /// Follows what was accepted and hands back what should be offered again.
    fn take_receipts<'r>(
        &mut self,
        reports: &[&'r PlannedReport],
        reply: &Reply,
    ) -> Vec<&'r PlannedReport> {
        let body = &reply.body;
        let lines = if reports.len() == 1 && !body.is_array() {
            vec![(u64::from(reply.status), body)]
        } else {
            let listed = body.as_array().or_else(|| body["results"].as_array());
            let listed = listed.or_else(|| body["items"].as_array());
            let lines = listed.map(Vec::as_slice).unwrap_or_default();
            lines
                .iter()
                .map(|line| (line["status"].as_u64().unwrap_or(201), line))
                .collect()
        };
        if lines.is_empty() {
            tracing::warn!(status = reply.status, %body, "a batch of reports was refused");
        }
        let mut again = Vec::new();
        for (index, report) in reports.iter().enumerate() {
            let Some((status, line)) = lines.get(index) else {
                if matches!(reply.status, 200..=299) {
                    again.push(*report);
                }
                continue;
            };
            match (status, incident_id(line)) {
                (200..=299, Some(id)) => self.follow_report(id, report),
                (503 | 429, _) => again.push(*report),
                _ => tracing::debug!(status, body = %line, "a simulated report was refused"),
            }
        }
        again
    }

    fn follow_report(&mut self, id: &str, report: &PlannedReport) {
        let plan = report.handling.clone();
        // What lies untouched is counted from now: it is there to be seen going red.
        let from = if matches!(plan.sign, Pace::Neglected(_)) {
            report.at_ms.max(self.opts.clock.now_ms())
        } else {
            report.at_ms
        };
        let source = plan.reporter_confirms.then_some(report.source);
        let cursor = Some(Cursor::new(from));
        self.follow(
            Followed {
                id: id.to_owned(),
                plan,
                source,
                cursor,
            },
            from,
        );
    }

    /// Lets the handlers of every incident on today's agenda do what is due.
    async fn follow_due(&mut self) -> Result<(), Halt> {
        let now = self.opts.clock.now_ms();
        let mut due = Vec::new();
        while due.len() < FOLLOW_UPS {
            let Some(Reverse((at, _))) = self.agenda.peek() else {
                break;
            };
            if *at > now {
                break;
            }
            let Some(Reverse((_, id))) = self.agenda.pop() else {
                break;
            };
            due.extend(self.followed.remove(&id));
        }
        let hand = Hand {
            client: &self.client,
            opts: self.opts,
        };
        let outcomes: Vec<_> = stream::iter(due)
            .map(|one| hand.see_to(one))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for outcome in outcomes {
            if let Some((followed, at_ms)) = outcome? {
                self.follow(followed, at_ms);
            }
        }
        Ok(())
    }

    /// How long nothing is due, in life.
    fn pause(&self) -> Duration {
        let next_report = self.planned.front().map(|report| report.at_ms);
        let next_look = self.agenda.peek().map(|Reverse((at, _))| *at);
        let now = self.opts.clock.now_ms();
        let next = next_report
            .into_iter()
            .chain(next_look)
            .min()
            .unwrap_or(now + MINUTE_MS);
        self.opts.clock.real((next - now).max(0)).min(LONGEST_SLEEP)
    }
}

/// What acts on incidents while the driver waits.
struct Hand<'a> {
    client: &'a Client,
    opts: &'a SimOptions,
}

/// What came of a command.
enum Done {
    Taken,
    Overtaken,
    Refused,
}

impl Hand<'_> {
    /// Does all that is due for one incident; hands it back with the time of the next look, or
    /// nothing when there is nothing left to do.
    async fn see_to(&self, mut one: Followed) -> Result<Option<(Followed, i64)>, Halt> {
        for _ in 0..12 {
            let Some(view) = self.look(&one.id).await? else {
                return Ok(None);
            };
            let now = self.opts.clock.now_ms();
            let cursor = *one.cursor.get_or_insert_with(|| Cursor::found(&view, now));
            let Some(step) = next(&one.plan, &view, cursor) else {
                return Ok(None);
            };
            if step.at_ms > now {
                return Ok(Some((one, step.at_ms)));
            }
            match self.send(&one, &step.command, &view).await? {
                Done::Taken => {
                    one.cursor = Some(Cursor {
                        last_ms: step.at_ms,
                        ..cursor
                    });
                }
                Done::Overtaken => {}
                Done::Refused => return Ok(None),
            }
        }
        let later = self.opts.clock.now_ms() + MINUTE_MS;
        Ok(Some((one, later)))
    }

    async fn look(&self, id: &str) -> Result<Option<View>, Halt> {
        let reply = self
            .client
            .get(&format!("/incidents/{id}"), &self.opts.tokens.room)
            .await?;
        Ok((reply.status == 200).then(|| View::read(&reply.body)))
    }

    async fn send(&self, one: &Followed, command: &Command, view: &View) -> Result<Done, Halt> {
        let tokens = &self.opts.tokens;
        if command.is_handlers() {
            return self.command(one, command, view, &tokens.handler).await;
        }
        let own = one.source.and_then(|source| tokens.sources.get(&source));
        if let (Command::Close, Some(own)) = (command, own) {
            let done = self.command(one, command, view, own).await?;
            if !matches!(done, Done::Refused) {
                return Ok(done);
            }
        }
        self.command(one, command, view, &tokens.room).await
    }

    async fn command(
        &self,
        one: &Followed,
        command: &Command,
        view: &View,
        token: &str,
    ) -> Result<Done, Halt> {
        let (id, name) = (&one.id, command.name());
        let mut body = command.body();
        if let Some(version) = view.version {
            body["expected_version"] = json!(version);
        }
        let who = hash(0, token.as_bytes());
        let key = format!(
            "sim-{id}-{name}-{}-{who:x}",
            view.version.unwrap_or_default()
        );
        let path = format!("/incidents/{id}/{name}");
        let reply = self.client.post(&path, token, &key, &body).await?;
        Ok(match reply.status {
            200..=299 => Done::Taken,
            409 => Done::Overtaken,
            status => {
                tracing::debug!(status, %id, name, body = %reply.body, "a step was refused");
                Done::Refused
            }
        })
    }
}

/// Makes sure that soon after a start something urgent lies untouched, so that lamps change and
/// supervision orders are issued while somebody watches.
fn leave_some_lying(reports: &mut [PlannedReport], now_ms: i64) {
    for (class, mut wanted) in [(TimeClass::A, 4), (TimeClass::B, 4)] {
        let near = reports.iter_mut().rev().filter(|report| {
            report.at_ms <= now_ms + 5 * MINUTE_MS
                && report
                    .category
                    .is_some_and(|code| kinds::class_of(code) == class)
        });
        for report in near {
            if wanted == 0 {
                break;
            }
            report.handling.neglect();
            wanted -= 1;
        }
    }
}

fn batch_key(reports: &[&PlannedReport]) -> String {
    let sum = reports
        .iter()
        .fold(0, |sum, report| hash(sum, report.external_id.as_bytes()));
    format!("sim-batch-{}-{sum:016x}", reports.len())
}

/// The incident's id, wherever a line of an answer carries it.
fn incident_id(line: &Value) -> Option<&str> {
    let places = [
        line,
        &line["incident"],
        &line["receipt"],
        &line["body"],
        &line["result"],
    ];
    places.into_iter().find_map(|place| place["id"].as_str())
}

/// A cursor as it may stand in a query.
fn encode(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    text.bytes()
        .map(|byte| {
            if plain(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
