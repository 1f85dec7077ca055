//! Wall screens: let in by a code, named and scoped by a director, read-only.

use geodata::region::Code;

use super::{Ask, Decision, line, unknown};
use crate::account::Screen;
use crate::account::event::AccountEvent;
use crate::refusal::{Class, Refusal};

impl Ask<'_> {
    pub(super) fn pair_screen(self, id: &str, code: &str, name: &str, scope: Code) -> Decision {
        self.require_region(scope)?;
        self.require_director(scope)?;
        if self.directory.screens().any(|screen| screen.code == code) {
            return Err(Refusal::field(
                "/code",
                "unknown_code",
                "此配对码已被使用，请核对屏幕上的配对码",
                "This code has been used; read it from the screen again",
            ));
        }
        Ok(vec![AccountEvent::ScreenPaired(Box::new(Screen {
            id: id.to_owned(),
            name: line("/name", name, 50)?,
            scope,
            code: code.to_owned(),
            hash: None,
            paired_at: self.ctx.now,
            paired_by: self.actor.id.clone(),
        }))])
    }

    /// By the screen that holds the slip of this code: the server has seen to that.
    pub(super) fn claim_screen(self, code: &str, hash: &str) -> Decision {
        let screen = self.directory.screens().find(|screen| screen.code == code);
        match screen {
            Some(screen) if screen.hash.is_none() => Ok(vec![AccountEvent::ScreenClaimed {
                id: screen.id.clone(),
                hash: hash.to_owned(),
            }]),
            Some(_) => Err(Refusal::new(
                Class::Refused,
                "claimed",
                "此屏幕已完成配对",
                "This screen's place is taken",
            )),
            None => Err(unknown(
                "此配对码尚未登记",
                "Nobody has typed this code yet",
            )),
        }
    }

    pub(super) fn change_screen(self, id: &str, name: &str, scope: Code) -> Decision {
        let screen = self.managed_screen(id)?;
        self.require_region(scope)?;
        self.require_director(scope)?;
        let name = line("/name", name, 50)?;
        if screen.name == name && screen.scope == scope {
            return Ok(Vec::new());
        }
        Ok(vec![AccountEvent::ScreenChanged {
            id: id.to_owned(),
            name,
            scope,
        }])
    }

    pub(super) fn revoke_screen(self, id: &str) -> Decision {
        self.managed_screen(id)?;
        Ok(vec![AccountEvent::ScreenRevoked { id: id.to_owned() }])
    }

    fn managed_screen(&self, id: &str) -> Result<&Screen, Refusal> {
        let screen = self.directory.screen(id);
        let screen = screen.ok_or_else(|| unknown("没有这块大屏", "There is no such wall"))?;
        self.require_director(screen.scope)?;
        Ok(screen)
    }
}
