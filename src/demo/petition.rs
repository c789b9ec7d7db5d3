//! What somebody in a story petitions for, as a table row would say it.

use domain::case::content::Respondent;
use domain::case::{Cause, Channel, Purpose, Source, Urgency};
use domain::person::Person;

use super::stage::{Stage, words};
use crate::http::cases::filing::FilingRequest;

/// A petition of a story.
#[derive(Clone, Copy)]
pub struct Petition {
    pub purpose: Purpose,
    pub channel: Channel,
    pub source: Option<Source>,
    pub subject: &'static str,
    pub narrative: &'static str,
    /// Without any the subject is the claim.
    pub claims: &'static [&'static str],
    pub region: &'static str,
    pub topic: &'static str,
    pub cause: Option<Cause>,
    pub urgency: Urgency,
    pub by: By,
    /// Name, key of the organ where it is one, and name of the user where they are one.
    pub respondents: &'static [(&'static str, Option<&'static str>, Option<&'static str>)],
}

/// Who petitions.
#[derive(Clone, Copy)]
pub enum By {
    /// One person.
    One(Someone),
    /// So many people, for whom some speak.
    Group(u32, &'static [Someone]),
    /// Nobody who gives a name.
    Nobody,
}

/// Somebody who is not real: name, phone, address.
#[derive(Clone, Copy)]
pub struct Someone(pub &'static str, pub &'static str, pub &'static str);

impl Petition {
    /// A claim by one visitor, which a story changes where it differs.
    pub const fn claim(subject: &'static str, narrative: &'static str, region: &'static str, by: By) -> Self {
        Self {
            purpose: Purpose::Claim,
            channel: Channel::Visit,
            source: None,
            subject,
            narrative,
            claims: &[],
            region,
            topic: "990000",
            cause: None,
            urgency: Urgency::Normal,
            by,
            respondents: &[],
        }
    }

    /// The request that a client would send.
    ///
    /// # Errors
    /// Words or particulars that a field does not take.
    pub fn request(&self, stage: &Stage<'_>) -> anyhow::Result<FilingRequest> {
        let (petitioners, representatives, head_count) = match self.by {
            By::One(person) => (vec![person.particulars()?], Vec::new(), None),
            By::Group(heads, speakers) => (
                Vec::new(),
                speakers.iter().map(Someone::particulars).collect::<Result<_, _>>()?,
                Some(heads),
            ),
            By::Nobody => (Vec::new(), Vec::new(), None),
        };
        let respondents = self.respondents.iter().map(|(name, organ, user)| {
            Ok(Respondent {
                name: words(name)?,
                organisation: organ.map(|key| stage.organ(key)).transpose()?,
                user: user.map(|username| stage.user(username)).transpose()?,
            })
        });
        Ok(FilingRequest {
            purpose: self.purpose,
            channel: self.channel,
            source: self.source,
            subject: words(self.subject)?,
            narrative: words(self.narrative)?,
            claims: self.claims.iter().map(|claim| words(claim)).collect::<Result<_, _>>()?,
            region: self.region.parse()?,
            place: None,
            occurred_on: None,
            topic: Some(self.topic.to_owned()),
            cause: self.cause,
            urgency: self.urgency,
            anonymous: matches!(self.by, By::Nobody),
            oral_record: self.channel == Channel::Visit,
            joint_letter: self.channel == Channel::Letter && matches!(self.by, By::Group(..)),
            skip_level: false,
            head_count,
            petitioners,
            representatives,
            respondents: respondents.collect::<anyhow::Result<_>>()?,
            captured_at: None,
        })
    }
}

impl Someone {
    fn particulars(&self) -> anyhow::Result<Person> {
        let Self(name, phone, address) = self;
        Ok(Person {
            name: name.parse()?,
            gender: None,
            birth_date: None,
            identity: None,
            phone: Some(phone.parse()?),
            address: Some(address.parse()?),
            region: None,
            occupation: None,
            work_unit: None,
        })
    }
}
