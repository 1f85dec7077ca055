//! What every panel may read: the language, the server's time, the link, the words and the
//! projections. The store is the only one that writes them.

use std::sync::Arc;

use domain::lamp::Lamp;
use domain::projection::board::Board;
use domain::projection::figures::Figures;
use domain::projection::load::Load;
use domain::world::World;
use geodata::region::Code;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::i18n::{Lang, Text, fill};
use crate::link::connection::Ended;
use crate::map::view::{self, View};
use crate::panels::orders::model::OrderRow;
use crate::panels::ticker::model::Ticker;
use crate::store::Shared;
use crate::words::Words;

/// The link as a person is told of it. Times are the server's, ms since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LinkView {
    /// Not yet there.
    #[default]
    Connecting,
    /// Live.
    Live,
    /// Cut or silent since then; 0 when the server was never heard.
    Lost(i64),
    /// The server can't promise newness since then.
    Degraded(i64),
    /// Closed for good.
    Closed(Ended),
}

impl LinkView {
    /// The state's name for styles and checks.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Lost(_) => "lost",
            Self::Degraded(_) => "degraded",
            Self::Closed(_) => "closed",
        }
    }
}

/// Takes a frame as it came.
pub type Hearer = Box<dyn Fn(&str)>;

/// The load of one region, for the ranking and for the map's cells.
pub type Loads = Vec<(Code, Load)>;

/// One lamp on the map.
#[derive(Clone, PartialEq, Debug)]
pub struct MapLamp {
    /// The incident.
    pub id: String,
    /// Degrees east and north, WGS-84; none when only the region is known.
    pub at: Option<(f64, f64)>,
    /// The region it lies in.
    pub region: Code,
    /// Its colour.
    pub lamp: Lamp,
}

/// A place to mark on the map.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mark {
    /// Degrees east and north, WGS-84.
    At(f64, f64),
    /// Somewhere in a region.
    In(Code),
}

/// Handles to everything a panel reads. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Context {
    /// The language.
    pub lang: RwSignal<Lang>,
    /// The region this screen shows.
    pub scope: Code,
    /// The server's time, ms since 1970, to the second; 0 before the first frame.
    pub now: RwSignal<i64>,
    /// The link.
    pub link: RwSignal<LinkView>,
    /// When the data shown was true, once it may no longer be.
    pub stale: RwSignal<Option<i64>>,
    /// Whether a snapshot was folded.
    pub loaded: RwSignal<bool>,
    /// Names.
    pub words: RwSignal<Arc<Words>>,
    /// The board.
    pub board: RwSignal<Board>,
    /// Today's figures.
    pub figures: RwSignal<Figures>,
    /// Loads of the regions one step below the scope's own ranking level.
    pub ranking: RwSignal<Loads>,
    /// Loads of the grids, as steps 0 to 4 of the map's colours.
    pub cells: RwSignal<Vec<(Code, u8)>>,
    /// Lamps on the map.
    pub lamps: RwSignal<Vec<MapLamp>>,
    /// The ticker.
    pub ticker: RwSignal<Ticker>,
    /// Supervision orders of open incidents, newest first.
    pub orders: RwSignal<Vec<OrderRow>>,
    /// The incident someone pointed at.
    pub selected: RwSignal<Option<String>>,
    /// Where on the map a hand last pointed, degrees east and north.
    pub pointed: RwSignal<Option<(f64, f64)>>,
    /// The place that is marked on the map.
    pub marked: RwSignal<Option<Mark>>,
    /// Counts what was folded into the mirrored World: who reads it itself follows this.
    pub folds: RwSignal<u32>,
    /// The map of this screen, while there is one: for what is drawn above it.
    pub map: StoredValue<Option<JsValue>, LocalStorage>,
    /// Counts maps made and gone.
    pub map_made: RwSignal<u32>,
    /// Who takes frames of positions, as they come.
    pub positions: StoredValue<Option<Hearer>, LocalStorage>,
    /// The part of the map positions are asked of; of none while nothing draws them.
    pub view: RwSignal<Option<View>>,
    /// The mirrored World, once there is a link.
    store: StoredValue<Option<Shared>, LocalStorage>,
}

impl Context {
    /// A context in which nothing is known yet.
    pub fn new(lang: RwSignal<Lang>, scope: Code) -> Self {
        Self {
            lang,
            scope,
            now: RwSignal::new(0),
            link: RwSignal::new(LinkView::Connecting),
            stale: RwSignal::new(None),
            loaded: RwSignal::new(false),
            words: RwSignal::new(Arc::new(Words::default())),
            board: RwSignal::new(Board::default()),
            figures: RwSignal::new(Figures::default()),
            ranking: RwSignal::new(Vec::new()),
            cells: RwSignal::new(Vec::new()),
            lamps: RwSignal::new(Vec::new()),
            ticker: RwSignal::new(Ticker::default()),
            orders: RwSignal::new(Vec::new()),
            selected: RwSignal::new(None),
            pointed: RwSignal::new(None),
            marked: RwSignal::new(None),
            folds: RwSignal::new(0),
            map: StoredValue::new_local(None),
            map_made: RwSignal::new(0),
            positions: StoredValue::new_local(None),
            view: RwSignal::new(None),
            store: StoredValue::new_local(None),
        }
    }

    /// The map shows this part now: positions are asked of it and around it.
    pub fn show(self, shown: View) {
        if let Some(asked) = view::asked(self.view.get_untracked(), shown) {
            self.view.set(Some(asked));
        }
    }

    /// Keeps the store for whoever reads the World itself.
    pub fn keep(self, store: &Shared) {
        self.store.set_value(Some(Shared::clone(store)));
    }

    /// Reads the mirrored World, and again whenever something was folded; nothing before there is a
    /// link.
    pub fn read<T>(self, read: impl FnOnce(&World) -> T) -> Option<T> {
        self.folds.track();
        self.store.with_value(|store| {
            let store = store.as_ref()?.try_borrow().ok()?;
            Some(read(store.world()))
        })
    }

    /// As [`Self::read`], for who looks by a timer of their own.
    pub fn peek<T>(self, read: impl FnOnce(&World) -> T) -> Option<T> {
        self.store.with_value(|store| {
            let store = store.as_ref()?.try_borrow().ok()?;
            Some(read(store.world()))
        })
    }

    /// A sentence in the language of the moment.
    pub fn t(self, text: Text) -> &'static str {
        self.lang.get().of(text)
    }

    /// A sentence with its places filled.
    pub fn tf(self, text: Text, values: &[(&str, &str)]) -> String {
        fill(self.t(text), values)
    }
}

/// The context of the screen this component stands in.
pub fn context() -> Context {
    expect_context::<Context>()
}

/// The name of a lamp for attributes.
pub fn lamp_name(lamp: Lamp) -> &'static str {
    match lamp {
        Lamp::Off => "off",
        Lamp::Green => "green",
        Lamp::Amber => "amber",
        Lamp::Red => "red",
        Lamp::DeepRed => "deep_red",
    }
}
