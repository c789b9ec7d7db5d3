//! The stories that the cases of the data set tell, and how often each is told.
//!
//! Most petitions are short; few go all the way. The weights give eight events a case on average and leave one case in
//! eight open, all of them filed in the last year.

use domain::case::Purpose;
use strum::VariantArray;

use super::cast::Part;
use super::scene::{Form, Halt, Scene, Told};

/// The events of the cases that are read one by one.
pub const LONG: u32 = 40;
/// The days after which such a case has all its events, whatever day it was filed on.
pub const LONG_AFTER_DAYS: i64 = 200;

/// What becomes of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
pub enum Story {
    Enquiry,
    FiledAway,
    Declined,
    Withdrawn,
    RoutedOut,
    DeclinedByOrgan,
    Suggestion,
    Accusation,
    Settled,
    Reviewed,
    Mediated,
    /// Forty events, and nothing more to come by itself.
    Long,
    LeftRegistered,
    LeftTransferred,
    LeftAssigned,
    LeftInHandling,
    /// Being put in place: its owner may go on noting steps.
    Executing,
}

impl Story {
    /// How many of a thousand cases tell it: of those filed long ago, and of those filed in the last year.
    pub const fn weights(self) -> (f64, f64) {
        match self {
            Self::Enquiry => (330.0, 150.0),
            Self::FiledAway => (150.0, 60.0),
            Self::Declined => (130.0, 40.0),
            Self::Withdrawn => (130.0, 50.0),
            Self::RoutedOut => (100.0, 40.0),
            Self::DeclinedByOrgan => (20.0, 10.0),
            Self::Suggestion => (12.0, 15.0),
            Self::Accusation => (8.0, 8.0),
            Self::Settled => (5.0, 5.0),
            Self::Reviewed => (2.0, 2.0),
            Self::Mediated => (1.0, 5.0),
            Self::Long => (0.0, 0.0),
            Self::LeftRegistered => (0.0, 250.0),
            Self::LeftTransferred => (0.0, 50.0),
            Self::LeftAssigned => (0.0, 50.0),
            Self::LeftInHandling => (0.0, 50.0),
            Self::Executing => (0.0, 22.0),
        }
    }

    /// What the petitioner of the story wants.
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::Enquiry => Purpose::Enquiry,
            Self::Suggestion => Purpose::Suggestion,
            Self::Accusation => Purpose::Accusation,
            _ => Purpose::Claim,
        }
    }

    /// How the petition comes in, where that is not left to chance: what nobody sees but the county comes to the county.
    pub const fn form(self) -> Option<Form> {
        match self {
            Self::Accusation => Some(Form::Group),
            _ => None,
        }
    }

    /// Tells the story from its filing to its end, or to the end of the data set.
    ///
    /// # Errors
    /// The rules refuse a step.
    pub fn tell(self, scene: &mut Scene<'_>) -> anyhow::Result<()> {
        match self.steps(scene).and_then(|()| scene.until_the_end()) {
            Ok(()) | Err(Halt::TimeIsUp) => Ok(()),
            Err(Halt::Failed(error)) => Err(error.context(format!("the story {self:?}"))),
        }
    }

    fn steps(self, scene: &mut Scene<'_>) -> Told {
        match self {
            Self::Enquiry => {
                scene.later(2)?;
                scene.replied()
            }
            Self::FiledAway => {
                scene.later(2)?;
                scene.filed_away()
            }
            Self::Withdrawn => {
                scene.later(2)?;
                scene.withdrawn()
            }
            Self::Declined => {
                scene.later(2)?;
                scene.declined(Part::Clerk)
            }
            Self::RoutedOut => {
                scene.later(2)?;
                scene.routed_out()?;
                scene.later(14)?;
                scene.archived(Part::Clerk)
            }
            Self::DeclinedByOrgan => declined_by_organ(scene),
            Self::Suggestion => suggestion(scene),
            Self::Accusation => accusation(scene),
            Self::Settled => settled(scene),
            Self::Reviewed => reviewed(scene),
            Self::Mediated => mediated(scene),
            Self::Long => long(scene),
            Self::LeftRegistered => Ok(()),
            Self::LeftTransferred => {
                scene.later(3)?;
                scene.transferred()
            }
            Self::LeftAssigned => {
                scene.later(2)?;
                scene.assigned(300)?;
                scene.later(4)?;
                scene.accepted()
            }
            Self::LeftInHandling => scene.taken_up(),
            Self::Executing => executing(scene),
        }
    }
}

fn declined_by_organ(scene: &mut Scene<'_>) -> Told {
    scene.later(2)?;
    scene.transferred()?;
    scene.later(2)?;
    scene.declined(Part::Registrar)?;
    scene.later(30)?;
    scene.archived(Part::Clerk)
}

fn suggestion(scene: &mut Scene<'_>) -> Told {
    scene.taken_up()?;
    scene.later(20)?;
    scene.studied()?;
    scene.later(5)?;
    scene.suggestion_answered()?;
    scene.later(30)?;
    scene.archived(Part::Clerk)
}

fn accusation(scene: &mut Scene<'_>) -> Told {
    scene.later(1)?;
    scene.forwarded()?;
    scene.later(4)?;
    scene.acknowledged()?;
    scene.later(50)?;
    scene.concluded()?;
    scene.later(30)?;
    scene.archived(Part::DisciplineOfficer)
}

fn settled(scene: &mut Scene<'_>) -> Told {
    scene.answered()?;
    scene.later(1)?;
    scene.planned()?;
    scene.later(8)?;
    scene.put_in_place()?;
    scene.closed()?;
    scene.later(2)?;
    scene.rated()?;
    // Longer than any holiday moves the end of the petitioner's thirty days.
    scene.later(60)?;
    scene.archived(Part::Clerk)
}

fn reviewed(scene: &mut Scene<'_>) -> Told {
    scene.answered()?;
    scene.later(6)?;
    scene.upheld()?;
    scene.later(5)?;
    scene.planned()?;
    scene.later(8)?;
    scene.put_in_place()?;
    scene.closed()?;
    scene.later(90)?;
    scene.archived(Part::Clerk)
}

fn mediated(scene: &mut Scene<'_>) -> Told {
    scene.taken_up()?;
    scene.later(4)?;
    scene.found()?;
    scene.mediated()?;
    scene.later(2)?;
    scene.planned()?;
    scene.later(6)?;
    scene.put_in_place()?;
    scene.closed()?;
    scene.later(2)?;
    scene.rated()
}

fn executing(scene: &mut Scene<'_>) -> Told {
    scene.answered()?;
    scene.later(1)?;
    scene.planned()
}

fn long(scene: &mut Scene<'_>) -> Told {
    executing(scene)?;
    // Every clock has ended by then, so that only the steps are left to count.
    scene.later(100)?;
    while scene.case.version < LONG {
        scene.stepped()?;
    }
    Ok(())
}
