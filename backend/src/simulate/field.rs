//! Lives the field beside the simulated day: moves the units, opens a session now and then, and has
//! everybody in it do what is due, all through the public interface. Who does what and when is said
//! by `members`, how units move by `fleet`; nothing is remembered that a restart would need.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use geodata::region::Code;
use serde_json::{Value, json};

use super::client::{Client, Halt};
use super::dice::Dice;
use super::driver::SimOptions;
use super::fleet::{Fleet, Known};
use super::handlers::{HOUR_MS, MINUTE_MS};
use super::kinds::{self, TimeClass};
use super::members::{Act, Look, Manner, Table, Who, desk, rating};
use super::roads::{Roads, Spot};

/// A turn of the field in simulated time, and its bounds in life.
const TURN_MS: i64 = 15_000;
const SHORTEST_TURN: Duration = Duration::from_millis(50);
const LONGEST_TURN: Duration = Duration::from_secs(1);
/// Sessions under way at the same time, at most.
const AT_ONCE: usize = 2;
/// Cooperators of one session, at most.
const COOPERATORS: usize = 5;
/// How often a session's members act in one turn.
const ROUNDS: usize = 3;

/// What the field needs besides the day.
pub struct FieldOptions {
    /// A token for each organisation that speaks for itself, by its id.
    pub members: BTreeMap<String, String>,
    /// The centre's organisation: it opens sessions, and its desk acts for the commander.
    pub centre: String,
    /// Who commands what the centre opens, by id; the centre itself if there is nobody.
    pub commander: Option<String>,
    /// Tells positions for all units.
    pub tracker: String,
    /// The roads, as lines of degrees east and north.
    pub roads: Vec<Vec<Spot>>,
    /// When it begins, in Unix milliseconds.
    pub from_ms: i64,
}

/// Lives the field until it is asked to stop.
pub(super) async fn live(
    opts: &SimOptions,
    field: &FieldOptions,
    client: &Client,
) -> Result<(), Halt> {
    let turn = || opts.clock.real(TURN_MS).clamp(SHORTEST_TURN, LONGEST_TURN);
    while opts.clock.now_ms() < field.from_ms {
        client.or_stop(tokio::time::sleep(turn())).await?;
    }
    let mut life = Field::begin(opts, field, client).await?;
    loop {
        life.turn().await?;
        client.or_stop(tokio::time::sleep(turn())).await?;
    }
}

struct Field<'a> {
    opts: &'a SimOptions,
    parties: &'a FieldOptions,
    client: &'a Client,
    fleet: Fleet,
    /// Sessions under way at the last look; who left them is rated and goes home.
    open: Vec<String>,
    /// Sessions that are over and not rated.
    ended: Vec<String>,
    next_ms: i64,
    opened: u32,
}

impl<'a> Field<'a> {
    async fn begin(
        opts: &'a SimOptions,
        field: &'a FieldOptions,
        client: &'a Client,
    ) -> Result<Self, Halt> {
        let now = opts.clock.now_ms();
        let listed = client.get("/units", field.desk()).await?.body;
        let units = listed["items"].as_array().into_iter().flatten();
        let units = units.filter_map(Known::read).collect();
        let home_of = |org: &str, dice: &mut Dice| home(org, &opts.points, dice);
        Ok(Self {
            fleet: Fleet::new(opts.seed, Roads::new(&field.roads), units, now, home_of),
            open: Vec::new(),
            ended: Vec::new(),
            next_ms: now + 2 * MINUTE_MS,
            opened: 0,
            opts,
            parties: field,
            client,
        })
    }

    async fn turn(&mut self) -> Result<(), Halt> {
        let now = self.opts.clock.now_ms();
        self.fleet.pass(now);
        let told = self.fleet.tell();
        if !told.is_empty() {
            let key = format!("sim-positions-{now}");
            let body = Value::Array(told);
            self.client
                .post("/positions", &self.parties.tracker, &key, &body)
                .await?;
        }
        let listed = self
            .client
            .get("/sessions?open=true", self.parties.desk())
            .await?
            .body;
        let listed = listed["items"].as_array().into_iter().flatten();
        let tables: Vec<Table> = listed.filter_map(Table::read).collect();
        let busy = tables.len();
        let open: Vec<String> = tables.iter().map(|table| table.id.clone()).collect();
        let over = self.open.iter().filter(|id| !open.contains(id)).cloned();
        self.ended.extend(over);
        self.open = open;
        self.send_units(&tables, now);
        for table in tables {
            self.live_session(table).await?;
        }
        self.report_back(now).await?;
        self.rate().await?;
        if now >= self.next_ms && busy < AT_ONCE {
            self.open_one(now).await?;
        }
        Ok(())
    }

    /// Calls units whose organisations set out, and lets those go that are needed no more.
    fn send_units(&mut self, tables: &[Table], now: i64) {
        let mut wanted = HashSet::new();
        for table in tables {
            for seat in table.seats.iter().filter(|seat| !seat.is_over()) {
                let manner = Manner::draw(self.opts.seed, &table.id, &seat.org);
                let set_out = seat.at("moving").zip(seat.at("sent"));
                let set_out = set_out.is_some_and(|(_, sent)| now - sent >= manner.sets_out);
                if !set_out && seat.at("arrived").is_none() {
                    continue;
                }
                for unit in &seat.units {
                    self.fleet.call(unit, table.scene);
                    wanted.insert(unit.clone());
                }
            }
        }
        for unit in self.fleet.called() {
            if !wanted.contains(&unit) {
                self.fleet.call(&unit, None);
            }
        }
    }

    /// Who is back where it belongs says that it is ready again.
    async fn report_back(&mut self, now: i64) -> Result<(), Halt> {
        for (unit, org) in self.fleet.came_home() {
            let token = self
                .parties
                .members
                .get(&org)
                .map_or(self.parties.desk(), String::as_str);
            let key = format!("sim-back-{unit}-{now}");
            let path = format!("/units/{unit}/status");
            let body = json!({ "status": "standby" });
            self.client.post(&path, token, &key, &body).await?;
        }
        Ok(())
    }

    async fn live_session(&self, mut table: Table) -> Result<(), Halt> {
        for _ in 0..ROUNDS {
            let acts = self.due(&table);
            // Who closed it does not close it again.
            if acts.is_empty() || table.is_over() {
                return Ok(());
            }
            let mut taken = false;
            for act in &acts {
                taken |= self.send(&table.id, act).await?;
            }
            let body = self.look(&table.id).await?;
            match Table::read(&body).filter(|_| taken) {
                Some(newer) => table = newer,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn due(&self, table: &Table) -> Vec<Act> {
        let now = self.opts.clock.now_ms();
        let looks = table.seats.iter().map(|seat| Look {
            table,
            seat,
            manner: Manner::draw(self.opts.seed, &table.id, &seat.org),
            now,
            is_there: seat.units.iter().any(|unit| self.fleet.is_there(unit)),
            has_app: self.parties.members.contains_key(&seat.org),
        });
        let mut acts: Vec<Act> = looks.filter_map(|look| look.next()).collect();
        // What people opened they also command; what this day opened it sees through.
        if table.asker.0.starts_with(NAME) {
            acts.extend(desk(table, self.opts.seed, now));
        }
        acts
    }

    async fn look(&self, id: &str) -> Result<Value, Halt> {
        let reply = self
            .client
            .get(&format!("/sessions/{id}"), self.parties.desk())
            .await?;
        Ok(reply.body)
    }

    /// Answers whether it was taken.
    async fn send(&self, id: &str, act: &Act) -> Result<bool, Halt> {
        let token = match &act.who {
            Who::Member(org) => self.parties.members.get(org).map(String::as_str),
            Who::Desk => None,
        };
        let token = token.unwrap_or_else(|| self.parties.desk());
        let path = format!("/sessions/{id}/{}", act.name);
        let key = format!("sim-{}-{:?}-{}", act.name, act.who, act.body);
        let reply = self.client.post(&path, token, &key, &act.body).await?;
        let taken = matches!(reply.status, 200..=299);
        if !taken {
            tracing::debug!(id, name = act.name, body = %reply.body, "a member was refused");
        }
        Ok(taken)
    }

    async fn rate(&mut self) -> Result<(), Halt> {
        let now = self.opts.clock.now_ms();
        let mut left = Vec::new();
        for id in std::mem::take(&mut self.ended) {
            let Some(table) = Table::read(&self.look(&id).await?) else {
                continue;
            };
            let token = table.asker.1.as_ref();
            let token = token.and_then(|org| self.parties.members.get(org));
            let ours = table.asker.0.starts_with(NAME) && table.stage == "ended";
            let (Some(token), true) = (token, ours) else {
                continue;
            };
            if let Some(body) = rating(&table, self.opts.seed, now) {
                let key = format!("sim-rate-{id}-{}", body["org"]);
                let path = format!("/sessions/{id}/rate");
                self.client.post(&path, token, &key, &body).await?;
            }
            left.push(id);
        }
        self.ended = left;
        Ok(())
    }
}

/// What the names of this day's own tokens begin with.
pub const NAME: &str = "demo-";

impl FieldOptions {
    fn desk(&self) -> &str {
        self.members.get(&self.centre).map_or("", String::as_str)
    }
}

/// Opening sessions.
impl Field<'_> {
    async fn open_one(&mut self, now: i64) -> Result<(), Halt> {
        let mut dice = Dice::new(self.opts.seed, &format!("open-{now}"));
        let kind = match self.opened % 6 {
            2 => "whistle",
            4 => "drill",
            _ => "incident",
        };
        let wish = if kind == "drill" {
            self.drill(&mut dice)
        } else {
            self.about_incident(kind, &mut dice).await?
        };
        // Nothing serious enough lies there just now.
        self.next_ms = now + 3 * MINUTE_MS;
        let Some((token, wish)) = wish else {
            return Ok(());
        };
        let key = format!("sim-open-{now}");
        let reply = self.client.post("/sessions", &token, &key, &wish).await?;
        if matches!(reply.status, 200..=299) {
            self.opened += 1;
            self.next_ms = now + dice.whole(HOUR_MS, 2 * HOUR_MS);
        } else {
            tracing::debug!(body = %reply.body, "a session was not opened");
        }
        Ok(())
    }

    async fn about_incident(
        &self,
        kind: &str,
        dice: &mut Dice,
    ) -> Result<Option<(String, Value)>, Halt> {
        let path = "/incidents?status=open&limit=200";
        let listed = self.client.get(path, self.parties.desk()).await?.body;
        let items = listed["items"].as_array().into_iter().flatten();
        let mut items: Vec<&Value> = items.filter(|one| fits(one, kind)).collect();
        items.sort_by_key(|one| std::cmp::Reverse(gravity(one)));
        for incident in items.into_iter().take(8) {
            let Some(id) = incident["id"].as_str() else {
                continue;
            };
            let path = format!("/sessions?incident={id}");
            let known = self.client.get(&path, self.parties.desk()).await?.body;
            if known["items"].as_array().is_some_and(|all| !all.is_empty()) {
                continue;
            }
            let path = format!("/incidents/{id}/suggested");
            let proposal = self.client.get(&path, self.parties.desk()).await?.body;
            let Some(mut wish) = self.seats(&proposal) else {
                continue;
            };
            wish["incident"] = json!(id);
            if kind == "whistle" {
                let room = incident["region"]
                    .as_str()
                    .and_then(|region| region.get(..9));
                let room = room.and_then(|code| self.parties.members.get(&format!("{code}-T")));
                let Some(room) = room else { continue };
                wish["kind"] = json!("whistle");
                wish["whistle"] = json!(dice.pick(&["complaint", "enforcement", "emergency"]));
                return Ok(Some((room.clone(), wish)));
            }
            wish["kind"] = json!("incident");
            if let Some(id) = &self.parties.commander {
                wish["commander"] = json!({ "id": id, "org": self.parties.centre });
            }
            return Ok(Some((self.parties.desk().to_owned(), wish)));
        }
        Ok(None)
    }

    /// The table as suggested: the lead, and those cooperators who have somebody free.
    fn seats(&self, proposal: &Value) -> Option<Value> {
        let items = proposal["items"].as_array()?;
        let seat = |one: &Value| json!({ "org": one["org"], "units": one["units"] });
        let lead = items.iter().find(|one| one["task"] == "lead")?;
        // The lead reports and closes: it has to be able to speak.
        self.parties.members.get(lead["org"].as_str()?)?;
        let is_free = |one: &&Value| one["task"] != "lead" && one["warnings"].is_null();
        let others = items.iter().filter(is_free).take(COOPERATORS);
        let mut others: Vec<Value> = others.map(seat).collect();
        for slug in ["police", "emergency", "health"] {
            let org = format!("{}-U-{slug}", self.opts.tree.county().code);
            let known = |one: &Value| one["org"] == json!(org);
            let taken = known(lead) || items.iter().any(known);
            if others.len() < 3 && !taken && self.parties.members.contains_key(&org) {
                others.push(json!({ "org": org }));
            }
        }
        (others.len() >= 2)
            .then(|| json!({ "lead": seat(lead), "cooperators": others, "order": true }))
    }

    fn drill(&self, dice: &mut Dice) -> Option<(String, Value)> {
        let at = dice.index(self.opts.points.len());
        let (region, lon, lat) = *self.opts.points.get(at)?;
        let county = self.opts.tree.county().code;
        let org = |slug: &str| json!({ "org": format!("{county}-U-{slug}") });
        let title = dice.pick(&[
            "森林火灾应急演练",
            "燃气泄漏应急演练",
            "地质灾害避险转移演练",
            "商场消防疏散演练",
        ]);
        let wish = json!({
            "kind": "drill", "title": title, "region": region, "order": true,
            "place": { "lon": lon, "lat": lat, "address": "演练现场" },
            "lead": org("fire"),
            "cooperators": [org("police"), org("health"), org("emergency")],
        });
        Some((self.parties.desk().to_owned(), wish))
    }
}

/// Whether an incident is one to open such a session on: in hand, with a place, and nobody's shame.
fn fits(incident: &Value, kind: &str) -> bool {
    let state = incident["state"].as_str().or(incident["status"].as_str());
    let in_hand = matches!(state, Some("dispatched" | "in_progress"));
    let placed = incident["lon"].is_number() || incident["place"]["lon"].is_number();
    let serious = match kind {
        "whistle" => incident["region"]
            .as_str()
            .is_some_and(|region| region.len() >= 9),
        _ => gravity(incident) >= 2,
    };
    in_hand && placed && serious && incident["sensitive"] != json!(true)
}

/// How much an incident asks for a common effort; the most first.
fn gravity(incident: &Value) -> u8 {
    let class = incident["category"].as_str().map(kinds::class_of);
    let by_class = match class {
        Some(TimeClass::A) => 4,
        Some(TimeClass::B) => 2,
        _ => 0,
    };
    let by_level = match incident["level"].as_str() {
        Some("Ⅰ") => 3,
        Some("Ⅱ") => 2,
        Some("Ⅲ") => 1,
        _ => 0,
    };
    by_class + by_level
}

/// Where a unit of an organisation is at home: a place in the region its organisation's id begins
/// with, where it does, else anywhere in the county.
fn home(org: &str, points: &[(Code, f64, f64)], dice: &mut Dice) -> Spot {
    let region = org.split('-').next().unwrap_or_default();
    let inside = |point: &&(Code, f64, f64)| point.0.to_string().starts_with(region);
    let near: Vec<Spot> = points
        .iter()
        .filter(inside)
        .map(|(_, lon, lat)| (*lon, *lat))
        .collect();
    let any = points
        .first()
        .map_or((0.0, 0.0), |(_, lon, lat)| (*lon, *lat));
    near.get(dice.index(near.len())).copied().unwrap_or(any)
}
