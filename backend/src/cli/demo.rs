//! `gridlamp demo`: the sample county and a simulated day, through the public intake.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::account::command::AccountCommand;
use domain::actor::{Actor, Role};
use domain::pack::orgs::OrgKind;
use domain::time::{Span, Timestamp, UtcOffset};
use geodata::region::{Code, Level};

use super::{sample, serve};
use crate::account::token::{self, Wanted};
use crate::account::{Book, Rules};
use crate::clock::Clock;
use crate::config::Config;
use crate::county;
use crate::log::{EventLog, Log, OpenMode};
use crate::node::{self, Node};
use crate::simulate::{self, FieldOptions, PER_DAY, SimOptions, Source, Tokens};

/// Where a new demo's day is when the wall opens: mid-morning, with work under way and a whole day
/// before it to compare with.
const MORNING: Span = Span::mins(10 * 60 + 10);
/// How long the hours before that take to pass.
const WARM_UP: Duration = Duration::from_secs(25);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Seconds of the simulated day in one second.
    #[arg(long, default_value_t = 60.0, value_parser = speed)]
    speed: f64,
    /// Another seed makes another county and another day.
    #[arg(long, default_value_t = sample::SEED)]
    seed: u64,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=3600.0).contains(&speed) => Ok(speed),
        _ => Err("a speed is 0.1 to 3600".to_owned()),
    }
}

pub(super) async fn run(mut config: Config, args: Args) -> anyhow::Result<i32> {
    let defaults = Config::default();
    if config.log == defaults.log {
        config.data = config.data.join(format!("demo-{}", args.seed));
        config.log = format!("sqlite:{}", config.data.join("gridlamp.db").display());
    }
    // Among its own data, never where somebody keeps a county of theirs.
    if config.county == defaults.county {
        config.county = config.data.join("county");
    }
    if !config.county.join("regions.geojson").exists() {
        sample::write(&config.county, args.seed)?;
    }
    // The simulated day speaks for hundreds of people through a handful of tokens, and faster than life.
    config.limits.token = config.limits.token.times(20);
    let pack = serve::pack(&config)?;
    let listener = serve::listen(&config).await?;
    let log = node::open_log(&config, &pack.county.code.to_string(), OpenMode::Serve).await?;
    let clock = begin(&log, args.speed).await?;
    let stop = serve::until_stopped();
    let county = Arc::new(pack.county.clone());
    let rules = node::rules(&config, &county, &clock, true);
    let options = simulation(&config, &args, &pack, &log, &clock, stop.clone(), &rules).await?;
    print_doors(&config, &log, &rules).await?;
    let simulation = tokio::spawn(simulate::run(options));
    let node = Node {
        config,
        pack,
        log,
        clock,
        doors: true,
    };
    node::run(node, listener, stop).await?;
    if let Err(error) = simulation.await? {
        tracing::warn!(%error, "the simulated day ended early");
    }
    Ok(0)
}

/// A clock that passes the time since the evening before yesterday quickly, or goes on where an earlier run of
/// this demo stopped.
async fn begin(log: &EventLog, speed: f64) -> anyhow::Result<Clock> {
    let today = Clock::life().now().date(UtcOffset::CHINA);
    let morning = today.at(MORNING, UtcOffset::CHINA);
    let evening = today.plus_days(-2).at(Span::hours(16), UtcOffset::CHINA);
    let head = log.head().await?;
    let mut last = None;
    if head.seq() > 0 {
        let from = crate::log::Position::from_seq(head.seq().saturating_sub(1));
        let batch = log.read(from, 1).await?;
        last = batch
            .records
            .last()
            .and_then(|record| record.at.parse::<Timestamp>().ok());
    }
    Ok(match last {
        Some(last) if last >= morning => Clock::scaled(last, speed),
        Some(last) => Clock::warmed_up(last, morning, WARM_UP, speed),
        None => Clock::warmed_up(evening, morning, WARM_UP, speed),
    })
}

async fn simulation(
    config: &Config,
    args: &Args,
    pack: &county::Pack,
    log: &EventLog,
    clock: &Clock,
    stop: tokio::sync::watch::Receiver<bool>,
    rules: &Rules,
) -> anyhow::Result<SimOptions> {
    let county = &pack.county;
    let mut sources = BTreeMap::new();
    for source in Source::ALL {
        let token = demo_token(log, rules, source.id(), Role::Source).await?;
        sources.insert(source, token);
    }
    let room = demo_token(log, rules, "demo-centre", Role::Centre).await?;
    let handler = demo_token(log, rules, "demo-handlers", Role::Unit).await?;
    let points: Vec<(Code, f64, f64)> = county
        .tree
        .iter()
        .filter(|region| region.level == Level::Grid)
        .filter_map(|region| {
            let point = pack.boundary.label_point(region.code)?;
            Some((region.code, point.lon, point.lat))
        })
        .collect();
    let shown = clock.clone();
    let field = field(pack, log, clock, rules).await?;
    Ok(SimOptions {
        base_url: format!("http://{}", config.listen),
        tokens: Tokens {
            sources,
            room,
            handler,
        },
        seed: args.seed,
        clock: Arc::new(shown),
        per_day: PER_DAY,
        tree: Arc::new(county.tree.clone()),
        points,
        field: Some(field),
        stop,
    })
}

/// What the units and sessions of the day act with. They begin when the wall has caught up.
async fn field(
    pack: &county::Pack,
    log: &EventLog,
    clock: &Clock,
    rules: &Rules,
) -> anyhow::Result<FieldOptions> {
    let county = &pack.county;
    let centre = county.orgs.iter().find(|org| org.kind == OrgKind::Centre);
    let centre = centre.map(|org| org.id.to_string()).unwrap_or_default();
    let today = Clock::life().now().date(UtcOffset::CHINA);
    let morning = today.at(MORNING, UtcOffset::CHINA);
    Ok(FieldOptions {
        members: member_tokens(log, rules).await?,
        centre,
        commander: Some("commander".to_owned()),
        tracker: demo_token(log, rules, "demo-tracker", Role::Source).await?,
        roads: roads(pack),
        from_ms: clock.now().max(morning).millis(),
    })
}

/// A token for each organisation that has people to speak for it, by its id; those of the runs
/// before are withdrawn.
async fn member_tokens(log: &EventLog, rules: &Rules) -> anyhow::Result<BTreeMap<String, String>> {
    let mut book = Book::open(log).await?;
    let secret = log.secret();
    let (mut commands, mut tokens) = (Vec::new(), BTreeMap::new());
    let old = book.directory.tokens();
    let old = old.filter(|token| token.name.starts_with("demo-") && token.org.is_some());
    commands.extend(old.map(|token| AccountCommand::RevokeToken {
        id: token.id.clone(),
    }));
    for org in rules.county.orgs.iter() {
        let role = match org.kind {
            OrgKind::Centre => Role::Centre,
            OrgKind::CommandRoom => Role::CommandRoom,
            OrgKind::Platform => Role::Platform,
            OrgKind::Unit => Role::Unit,
            OrgKind::Leaders | OrgKind::Village | OrgKind::GridTeam => continue,
        };
        let wanted = Wanted {
            name: format!("demo-{}", org.id),
            role,
            scope: org.region,
        };
        let (mut kept, token) = wanted.make(&secret, rules.clock.now())?;
        kept.org = Some(org.id.clone());
        commands.push(AccountCommand::CreateToken(kept));
        tokens.insert(org.id.to_string(), token);
    }
    let actor = Actor::rule("demo", rules.county.code);
    book.perform(log, rules, &actor, &commands).await?;
    Ok(tokens)
}

/// The lines of the pack's layer of roads; none where it has no such layer.
fn roads(pack: &county::Pack) -> Vec<Vec<(f64, f64)>> {
    let layer = pack.layers.iter().find(|layer| layer.name == "roads");
    let read =
        layer.and_then(|layer| serde_json::from_slice::<serde_json::Value>(&layer.body).ok());
    let read = read.unwrap_or_default();
    let features = read["features"].as_array().into_iter().flatten();
    let lines = features.filter_map(|feature| feature["geometry"]["coordinates"].as_array());
    let spot = |spot: &serde_json::Value| spot[0].as_f64().zip(spot[1].as_f64());
    lines
        .map(|line| line.iter().filter_map(spot).collect())
        .collect()
}

/// A token for this run; those of the runs before are withdrawn.
async fn demo_token(
    log: &EventLog,
    rules: &Rules,
    name: &str,
    role: Role,
) -> anyhow::Result<String> {
    let mut book = Book::open(log).await?;
    let revoke = |token: &domain::account::Token| AccountCommand::RevokeToken {
        id: token.id.clone(),
    };
    let old: Vec<AccountCommand> = book
        .directory
        .tokens()
        .filter(|token| token.name == name)
        .map(revoke)
        .collect();
    let actor = Actor::rule("demo", rules.county.code);
    book.perform(log, rules, &actor, &old).await?;
    let wanted = Wanted {
        name: name.to_owned(),
        role,
        scope: rules.county.code,
    };
    Ok(token::create(log, rules, &wanted).await?)
}

async fn print_doors(config: &Config, log: &EventLog, rules: &Rules) -> anyhow::Result<()> {
    let url = config.url();
    println!("\n  {}  {url}/\n", rules.county.name);
    for door in node::doors(log, rules).await? {
        println!("  {}\n    {url}{}\n", door.title, door.url);
    }
    println!(
        "  数据 {} · Ctrl+C 停止\n",
        Path::new(&config.data).display()
    );
    Ok(())
}
