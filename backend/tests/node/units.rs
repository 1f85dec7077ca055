//! Units from outside: vehicle terminals by JT/T 808, positions across nodes by Redis, and the
//! demo's own units and sessions.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use domain::account::command::AccountCommand;
use domain::actor::Role;
use domain::pack::orgs::OrgKind;
use domain::time::{Span, Timestamp, UtcOffset};
use geodata::region::Level;
use gridlamp::account::token::{self, Wanted};
use gridlamp::clock::Clock;
use gridlamp::jt808::frame::{Cutter, Frame, id};
use gridlamp::log::Log as _;
use gridlamp::simulate::{self, FieldOptions, SimOptions, Tokens};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::redis::Redis;
use crate::support::{Folder, PATIENCE, Station};

const TERMINAL: &str = "013989900001";

/// A pack with one unit that has a terminal.
fn with_terminal(folder: &Folder) {
    let county = folder.0.join("county");
    std::fs::create_dir_all(&county).expect("folder");
    let pack = geodata::sample::county(7);
    std::fs::write(county.join("regions.geojson"), pack.regions_geojson).expect("pack");
    let units = format!(
        "[[unit]]\nid = \"car\"\nname = \"巡逻车\"\nkind = \"vehicle\"\norg = \"330899-U-police\"\nterminal = \"{TERMINAL}\"\n"
    );
    std::fs::write(county.join("units.toml"), units).expect("pack");
}

/// A terminal on a link.
struct Terminal {
    stream: TcpStream,
    cutter: Cutter,
    number: String,
    serial: u16,
}

impl Terminal {
    async fn connect(listen: SocketAddr, number: &str) -> Self {
        Self {
            stream: TcpStream::connect(listen).await.expect("connected"),
            cutter: Cutter::default(),
            number: number.to_owned(),
            serial: 0,
        }
    }

    fn frame(&mut self, id: u16, body: Vec<u8>) -> Frame {
        self.serial += 1;
        Frame {
            id,
            serial: self.serial,
            terminal: self.number.clone(),
            is_2019: self.number.len() == 20,
            part: None,
            body,
        }
    }

    /// Sends a message; the answer's id and body, or none when it was hung up on.
    async fn ask(&mut self, id: u16, body: Vec<u8>) -> Option<(u16, Vec<u8>)> {
        let frame = self.frame(id, body);
        self.stream.write_all(&frame.write()).await.ok()?;
        self.answer().await
    }

    async fn answer(&mut self) -> Option<(u16, Vec<u8>)> {
        let mut piece = [0; 512];
        loop {
            let read = timeout(PATIENCE, self.stream.read(&mut piece)).await;
            let count = read.expect("in time").ok().filter(|count| *count > 0)?;
            let mut frames = self.cutter.take(&piece[..count]).into_iter();
            if let Some(frame) = frames.next() {
                let frame = frame.expect("a sound answer");
                return Some((frame.id, frame.body));
            }
        }
    }
}

fn position(lon: f64, lat: f64, at: Timestamp) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 0, 0, 0, 0, 0b11];
    body.extend(((lat * 1e6) as u32).to_be_bytes());
    body.extend(((lon * 1e6) as u32).to_be_bytes());
    body.extend([0, 40, 1, 104, 0, 90]);
    let text = at.to_rfc3339(UtcOffset::CHINA);
    let digits: Vec<u8> = text.bytes().take(19).filter(u8::is_ascii_digit).collect();
    let pairs = digits[2..].chunks_exact(2);
    body.extend(pairs.map(|pair| ((pair[0] - b'0') << 4) | (pair[1] - b'0')));
    body
}

async fn place_of(station: &Station, unit: &str) -> Value {
    let (_, listed) = station.get(&station.centre, "/units").await;
    let items = listed["items"].as_array().expect("units").clone();
    let mut items = items.into_iter();
    let one = items.find(|one| one["id"] == unit).expect("the unit");
    one["place"].clone()
}

/// A station that terminals can connect to, and where.
async fn listening(folder: &Folder) -> (Station, SocketAddr) {
    with_terminal(folder);
    let probe = TcpListener::bind("127.0.0.1:0").expect("port");
    let listen = probe.local_addr().expect("address");
    drop(probe);
    let set = |config: &mut gridlamp::config::Config| config.jt808_listen = Some(listen);
    let station = Station::start_with(&folder.0, Clock::life(), set).await;
    // The node listens to terminals before it answers anybody.
    station.get(&station.centre, "/units").await;
    (station, listen)
}

/// Registers the terminal; the code it authenticates with.
async fn registered(terminal: &mut Terminal) -> Vec<u8> {
    let answer = terminal.ask(id::REGISTER, vec![0; 37]).await;
    let (id, body) = answer.expect("registered");
    assert_eq!((id, &body[..3]), (id::REGISTERED, &[0, 1, 0][..]));
    body[3..].to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_tells_where_its_unit_is() {
    let folder = Folder::new("jt808");
    let (station, listen) = listening(&folder).await;
    let mut terminal = Terminal::connect(listen, TERMINAL).await;
    let code = registered(&mut terminal).await;
    let answer = terminal.ask(id::AUTHENTICATE, code.clone()).await;
    assert_eq!(answer, Some((id::ANSWER, vec![0, 2, 1, 2, 0])));
    let (lon, lat) = station.place;
    let now = Clock::life().now();
    let told = position(lon, lat, now - Span::secs(30));
    let told = terminal.ask(id::POSITION, told).await;
    assert_eq!(told.expect("answered").1[4], 0);
    let place = place_of(&station, "car").await;
    assert_eq!(
        (&place["source"], &place["speed"]),
        (&json!("vehicle"), &json!(10.0))
    );
    assert!((place["lon"].as_f64().expect("lon") - lon).abs() < 2e-6);
    // The code outlives the link; a batch and the edition of 2019 are taken as well.
    let mut again = Terminal::connect(listen, &format!("00000000{TERMINAL}")).await;
    let mut with_length = vec![code.len() as u8];
    with_length.extend(&code);
    with_length.extend([b' '; 35]);
    let answer = again.ask(id::AUTHENTICATE, with_length).await;
    assert_eq!(answer.expect("answered").1[4], 0);
    let one = position(lon + 0.001, lat, now);
    let mut batch = vec![0, 1, 0];
    batch.extend((one.len() as u16).to_be_bytes());
    batch.extend(one);
    let answer = again.ask(id::POSITIONS, batch).await;
    assert_eq!(answer.expect("answered").1[4], 0);
    let place = place_of(&station, "car").await;
    assert!((place["lon"].as_f64().expect("lon") - lon - 0.001).abs() < 2e-6);
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_liars_and_noise_are_hung_up_on() {
    let folder = Folder::new("jt808-hostile");
    let (station, listen) = listening(&folder).await;
    let mut stranger = Terminal::connect(listen, "013900000000").await;
    let answer = stranger.ask(id::REGISTER, vec![0; 37]).await;
    assert_eq!(answer, Some((id::REGISTERED, vec![0, 1, 4])));
    assert_eq!(stranger.answer().await, None);
    let mut liar = Terminal::connect(listen, TERMINAL).await;
    let answer = liar.ask(id::AUTHENTICATE, b"guess".to_vec()).await;
    assert_eq!(answer.expect("told").1[4], 1);
    assert_eq!(liar.answer().await, None);
    let (lon, lat) = station.place;
    let told = position(lon, lat, Clock::life().now());
    let mut rude = Terminal::connect(listen, TERMINAL).await;
    let answer = rude.ask(id::POSITION, told).await;
    assert_eq!(answer.expect("told").1[4], 1);
    assert_eq!(rude.answer().await, None);
    let mut noise = TcpStream::connect(listen).await.expect("connected");
    noise.write_all(&[0x7e, 1, 2, 3].repeat(100)).await.ok();
    let read = timeout(PATIENCE, noise.read(&mut [0; 8])).await;
    assert!(!matches!(read.expect("in time"), Ok(count) if count > 0));
    assert_eq!(place_of(&station, "car").await, Value::Null);
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_never_stops_talking_is_hung_up_on() {
    let folder = Folder::new("jt808-flood");
    let (station, listen) = listening(&folder).await;
    let mut terminal = Terminal::connect(listen, TERMINAL).await;
    let code = registered(&mut terminal).await;
    terminal.ask(id::AUTHENTICATE, code).await.expect("known");
    let now = Clock::life().now();
    let (lon, lat) = station.place;
    let told = position(lon, lat, now);
    // Fifty a second are allowed, over ten seconds.
    let burst: Vec<u8> = (0..1_000)
        .flat_map(|_| terminal.frame(id::POSITION, told.clone()).write())
        .collect();
    terminal.stream.write_all(&burst).await.ok();
    let mut all = Vec::new();
    // It ends, whether with a good-bye or with the rest unread.
    let end = timeout(PATIENCE, terminal.stream.read_to_end(&mut all)).await;
    let _how = end.expect("it is hung up on");
    // What was heard until then counts, and others are not in the way.
    assert!(place_of(&station, "car").await["lon"].is_number());
    let mut again = Terminal::connect(listen, TERMINAL).await;
    registered(&mut again).await;
    station.stop().await;
}

/// Waits until a unit is where it should be.
async fn is_at(station: &Station, unit: &str, lon: f64) {
    let reached = async {
        loop {
            let place = place_of(station, unit).await;
            if place["lon"]
                .as_f64()
                .is_some_and(|there| (there - lon).abs() < 1e-9)
            {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, reached).await.expect("it hears of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_hears_all_nodes_know() {
    let redis = Redis::start("positions-redis");
    let (one, two) = (Folder::new("positions-a"), Folder::new("positions-b"));
    with_terminal(&one);
    with_terminal(&two);
    let set = |config: &mut gridlamp::config::Config| redis.url.clone_into(&mut config.log);
    let first = Station::start_with(&one.0, Clock::life(), set).await;
    let second = Station::start_with(&two.0, Clock::life(), set).await;
    place_of(&first, "car").await;
    place_of(&second, "car").await;
    let (lon, lat) = first.place;
    let at = |secs| Clock::life().now() - Span::secs(secs);
    let body = json!({"unit": "car", "lon": lon, "lat": lat, "at": at(40), "source": "tablet"});
    let (_, answer) = first.post(&first.source, "/positions", &body).await;
    assert_eq!(answer["taken"], 1, "{answer}");
    is_at(&second, "car", lon).await;
    // Another system puts one on the stream: every node hears it by itself.
    let client = ::redis::Client::open(redis.url.as_str()).expect("client");
    let mut connection = client
        .get_multiplexed_async_connection()
        .await
        .expect("connected");
    let lon = lon + 0.001;
    let body = json!({"unit": "car", "lon": lon, "lat": lat, "at": at(10), "source": "button"});
    let mut command = ::redis::cmd("XADD");
    command
        .arg("gridlamp:{330899}:positions")
        .arg("*")
        .arg("p")
        .arg(body.to_string());
    let _id: String = command.query_async(&mut connection).await.expect("added");
    is_at(&first, "car", lon).await;
    is_at(&second, "car", lon).await;
    assert_eq!(
        place_of(&second, "car").await["source"],
        "tablet",
        "no system presses a button"
    );
    first.stop().await;
    second.stop().await;
}

/// What a demo acts with, on a station.
async fn options(station: &Station, clock: &Clock, stop: watch::Receiver<bool>) -> SimOptions {
    let county = &station.rules.county;
    let mut members = BTreeMap::new();
    for org in county.orgs.iter() {
        let role = match org.kind {
            OrgKind::Centre => Role::Centre,
            OrgKind::CommandRoom => Role::CommandRoom,
            OrgKind::Platform => Role::Platform,
            OrgKind::Unit => Role::Unit,
            _ => continue,
        };
        let wanted = Wanted {
            name: format!("demo-{}", org.id),
            role,
            scope: org.region,
        };
        let made = wanted.make(&station.log().secret(), Clock::life().now());
        let (mut kept, token): (domain::account::Token, String) = made.expect("token");
        kept.org = Some(org.id.clone());
        station.perform(&AccountCommand::CreateToken(kept)).await;
        members.insert(org.id.to_string(), token);
    }
    let handler = Wanted {
        name: "demo-handlers".to_owned(),
        role: Role::Unit,
        scope: county.code,
    };
    let handler = token::create(&station.log(), &station.rules, &handler)
        .await
        .expect("token");
    let grids = county
        .tree
        .iter()
        .filter(|region| region.level == Level::Grid);
    let (lon, lat) = station.place;
    // All grids lie in one place: nobody has far to go.
    let points = grids.map(|grid| (grid.code, lon, lat)).take(40).collect();
    SimOptions {
        base_url: station.url.clone(),
        tokens: Tokens {
            sources: BTreeMap::from([(simulate::Source::Grid, station.source.clone())]),
            room: station.centre.clone(),
            handler,
        },
        seed: 7,
        clock: Arc::new(clock.clone()),
        per_day: 200,
        tree: Arc::new(county.tree.clone()),
        points,
        field: Some(FieldOptions {
            members,
            centre: "330899-C".to_owned(),
            commander: None,
            tracker: station.source.clone(),
            roads: Vec::new(),
            from_ms: clock.now().millis(),
        }),
        stop,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demos_session_is_lived_from_the_order_to_the_rating() {
    let folder = Folder::new("demo-field");
    let ten: Timestamp = "2026-11-23T10:00:00+08:00".parse().expect("time");
    let clock = Clock::scaled(ten, 400.0);
    let station = Station::start_with(&folder.0, clock.clone(), |config| {
        config.limits.token = config.limits.token.times(100);
    })
    .await;
    let (stop, stopped) = watch::channel(false);
    let day = tokio::spawn(simulate::run(options(&station, &clock, stopped).await));
    let reviewed = async {
        loop {
            let (_, listed) = station.get(&station.centre, "/sessions").await;
            let items = listed["items"].as_array().expect("sessions").clone();
            if let Some(one) = items.into_iter().find(|one| one["stage"] == "reviewed") {
                return one;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    let session = timeout(PATIENCE, reviewed)
        .await
        .expect("a session is seen through");
    let seats = session["seats"].as_array().expect("seats");
    assert!(seats.len() >= 3, "{session}");
    assert!(
        session["messages"]
            .as_array()
            .is_some_and(|all| all.len() >= 2),
        "{session}"
    );
    let lines = session["timeline"].as_array().expect("timeline").iter();
    let lines: Vec<&Value> = lines.map(|line| &line["what"]).collect();
    for what in [
        "opened",
        "ordered",
        "marked",
        "controlled",
        "closed",
        "rated",
    ] {
        assert!(lines.contains(&&json!(what)), "{what}: {lines:?}");
    }
    stop.send_replace(true);
    day.await
        .expect("joined")
        .expect("it ends when it is asked to");
    station.stop().await;
}
