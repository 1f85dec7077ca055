//! The county's wall: read only, no scroll bars, no hover.

use leptos::prelude::*;

use crate::map::MapPanel;
use crate::panels::levels::Levels;
use crate::panels::orders::Orders;
use crate::panels::platforms::Platforms;
use crate::panels::red_board::RedBoard;
use crate::panels::sources::Sources;
use crate::panels::ticker::TickerPanel;
use crate::panels::today::Today;
use crate::panels::top::TopBar;
use crate::panels::townships::Townships;

/// The wall.
#[component]
pub fn Wall() -> impl IntoView {
    view! {
        <main class="wall" data-testid="wall">
            <TopBar/>
            <div class="col left"><RedBoard/><Orders/><Today/></div>
            <MapPanel/>
            <div class="col right"><Levels/><Platforms/><Townships/><Sources/></div>
            <TickerPanel/>
        </main>
    }
}
