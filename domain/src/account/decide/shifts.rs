//! Shifts: begun when nobody is there, offered with what is owed, taken over by somebody else.

use super::{Ask, Decision, forbidden, line, outside, unknown};
use crate::account::command::AccountCommand;
use crate::account::event::AccountEvent;
use crate::account::shift::{HandOver, Matter, Offer, Shift, cut};
use crate::actor::Role;
use crate::pack::orgs::OrgId;
use crate::refusal::{Class, Refusal};

const LONGEST_NOTE: usize = 2000;

impl Ask<'_> {
    pub(super) fn shift(self, command: &AccountCommand) -> Decision {
        match command {
            AccountCommand::BeginShift { org } => self.begin_shift(org),
            AccountCommand::OfferShift {
                org,
                to,
                note,
                matters,
            } => self.offer_shift(org, to.as_deref(), note.as_deref(), matters),
            AccountCommand::WithdrawShift { org } => self.withdraw_shift(org),
            AccountCommand::TakeShift {
                org,
                remark,
                matters,
            } => self.take_shift(org, remark.as_deref(), matters),
            AccountCommand::EndShift { org, matters } => self.end_shift(org, matters),
            _ => Ok(Vec::new()),
        }
    }

    fn begin_shift(self, org: &OrgId) -> Decision {
        self.require_own_room(org)?;
        if self.held(org).is_some() {
            return Err(refused(
                "shift_held",
                "本岗已有人值班，请办理交接",
                "Somebody is on shift; have it handed over",
            ));
        }
        Ok(vec![AccountEvent::ShiftBegan { org: org.clone() }])
    }

    fn offer_shift(
        self,
        org: &OrgId,
        to: Option<&str>,
        note: Option<&str>,
        matters: &[Matter],
    ) -> Decision {
        self.require_own_room(org)?;
        self.require_on_shift(org)?;
        if let Some(to) = to {
            self.require_successor(org, to)?;
        }
        let (matters, left_out) = cut(matters.to_vec());
        let offer = Offer {
            at: self.ctx.now,
            by: self.actor.id.clone(),
            to: to.map(str::to_owned),
            note: note.map(|n| line("/note", n, LONGEST_NOTE)).transpose()?,
            matters,
            left_out,
        };
        Ok(vec![AccountEvent::ShiftOffered {
            org: org.clone(),
            offer: Box::new(offer),
        }])
    }

    fn withdraw_shift(self, org: &OrgId) -> Decision {
        self.require_own_room(org)?;
        let shift = self.require_on_shift(org)?;
        if shift.offer.is_none() {
            return Err(not_offered());
        }
        Ok(vec![AccountEvent::ShiftOfferWithdrawn { org: org.clone() }])
    }

    /// `matters` are those of this moment: what came since the offer is signed for too.
    fn take_shift(self, org: &OrgId, remark: Option<&str>, matters: &[Matter]) -> Decision {
        self.require_own_room(org)?;
        let shift = self.held(org).ok_or_else(|| {
            refused(
                "no_shift",
                "本岗无人值班，可直接上岗",
                "Nobody is on shift; begin one",
            )
        })?;
        if shift.person == self.actor.id {
            return Err(refused(
                "own_shift",
                "交接须由另一人签收",
                "Somebody else must sign for it",
            ));
        }
        let remark = remark
            .map(|text| line("/remark", text, LONGEST_NOTE))
            .transpose()?;
        let offer = match &shift.offer {
            Some(offer) => offer.clone(),
            None => self.unsigned(shift, remark.as_deref())?,
        };
        let named_other = offer.to.as_ref().is_some_and(|to| *to != self.actor.id);
        if named_other && !self.actor.director {
            return Err(refused(
                "named_other",
                "交班人指定了其他接班人；负责人可以接班",
                "Somebody else was named to take over; the head may",
            ));
        }
        let since = matters
            .iter()
            .filter(|matter| !offer.matters.contains(matter))
            .cloned();
        let (since, _) = cut(since.collect());
        let hand_over = HandOver {
            offer,
            at: self.ctx.now,
            by: self.actor.id.clone(),
            since,
            remark,
        };
        Ok(vec![AccountEvent::ShiftTaken {
            org: org.clone(),
            hand_over: Box::new(hand_over),
        }])
    }

    fn end_shift(self, org: &OrgId, matters: &[Matter]) -> Decision {
        self.require_own_room(org)?;
        self.require_on_shift(org)?;
        if !matters.is_empty() {
            return Err(refused(
                "matters_open",
                "尚有红灯或承诺事项，请交接给下一班",
                "Red lamps or promises are open; hand them to the next shift",
            ));
        }
        Ok(vec![AccountEvent::ShiftEnded { org: org.clone() }])
    }

    /// Whoever was on shift has gone without a word: only the head takes over then, with a reason.
    fn unsigned(self, shift: &Shift, why: Option<&str>) -> Result<Offer, Refusal> {
        if !self.actor.director {
            return Err(not_offered());
        }
        if why.is_none() {
            return Err(Refusal::field(
                "/remark",
                "reason_required",
                "交班人未签字，请说明接班原因",
                "Whoever was on shift has not signed; say why you take over",
            ));
        }
        Ok(Offer {
            at: self.ctx.now,
            by: shift.person.clone(),
            to: None,
            note: None,
            matters: Vec::new(),
            left_out: 0,
        })
    }

    fn held(&self, org: &OrgId) -> Option<&Shift> {
        self.directory.room(org)?.now.as_ref()
    }

    fn require_on_shift(&self, org: &OrgId) -> Result<&Shift, Refusal> {
        self.held(org)
            .filter(|shift| shift.person == self.actor.id)
            .ok_or_else(|| {
                refused(
                    "not_on_shift",
                    "您不是本岗当前值班人",
                    "You are not on shift here",
                )
            })
    }

    fn require_own_room(self, org: &OrgId) -> Result<(), Refusal> {
        if self.ctx.county.orgs.get(org).is_none() {
            return Err(unknown("没有这个单位", "There is no such organisation"));
        }
        let keeps_shifts = matches!(
            self.actor.role,
            Role::Centre | Role::CommandRoom | Role::Platform | Role::Unit
        );
        if !keeps_shifts {
            return Err(forbidden());
        }
        if self.actor.org.as_ref() == Some(org) {
            Ok(())
        } else {
            Err(outside())
        }
    }

    fn require_successor(self, org: &OrgId, to: &str) -> Result<(), Refusal> {
        let known = self.directory.person(to).is_some_and(|person| {
            !person.disabled
                && person
                    .posts
                    .iter()
                    .any(|post| post.org.as_ref() == Some(org))
        });
        if known && to != self.actor.id {
            return Ok(());
        }
        Err(Refusal::field(
            "/to",
            "not_of_this_room",
            "接班人须是本单位的其他在岗人员",
            "Whoever takes over must be somebody else of this organisation",
        ))
    }
}

fn not_offered() -> Refusal {
    refused(
        "not_offered",
        "交班人尚未签字交班",
        "The shift has not been offered yet",
    )
}

fn refused(code: &str, zh: &str, en: &str) -> Refusal {
    Refusal::new(Class::Refused, code, zh, en)
}
