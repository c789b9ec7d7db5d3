//! Sessions in which leaders receive visits (接访).

use chrono::NaiveTime;
use domain::id::ReceptionId;
use domain::reception::ReceptionCommand;
use domain::reception::content::{
    Arrangement, BookingReminder, BookingRequest, Companion, Host, ReceptionKind, ReceptionPlan,
    ReceptionRecord, ReminderWay,
};

use crate::demo::stage::{PETITIONER, Story, words};
use crate::http::conditional::Expected;
use crate::http::receptions::visits::{OrderedThere, VisitRequest};
use crate::service::receptions;

type Told<'t, S> = anyhow::Result<&'t mut S>;

/// Who arranges sessions in the county of the stories.
const OFFICE: &str = "petition.county1";
/// When a session is over and written down, in minutes after midnight.
const WRITTEN_DOWN: i64 = 11 * 60 + 30;

impl Story<'_, '_> {
    /// The petition department plans and publishes a morning of the leader, so many days ahead.
    pub fn session_published(
        &mut self,
        leader: &str,
        in_days: u64,
        capacity: u16,
    ) -> anyhow::Result<ReceptionId> {
        let host = Host {
            leader: self.stage.user(leader)?,
            post: words("县政府副县长")?,
            responsibilities: words("分管住房建设、交通运输、生态环境")?,
        };
        let arrangement = Arrangement {
            day: self.in_days(in_days)?,
            from: NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default(),
            until: NaiveTime::from_hms_opt(11, 30, 0).unwrap_or_default(),
            place: words("临水县信访接待大厅一号接访室")?,
            capacity,
            waiting_places: 2,
            companions: vec![Companion { name: words("方律师")?, post: words("县政府法律顾问")? }],
        };
        let plan = ReceptionPlan { kind: ReceptionKind::ScheduledReception, host, arrangement };
        let made = self.at_the_office(OFFICE, "plans a session", |connection, circumstances| {
            receptions::plan(connection, circumstances, &plan)
        })?;
        self.in_session(OFFICE, made.id, &ReceptionCommand::Publish)?;
        Ok(made.id)
    }

    /// The petitioner books the session by the code, and is told by phone.
    pub fn booked(&mut self, session: ReceptionId) -> Told<'_, Self> {
        let request = BookingRequest { case: self.id, note: None };
        let after = self.at_the_office(PETITIONER, "books a session", |connection, circumstances| {
            receptions::book(connection, circumstances, (session, &Expected::Any), &request)
        })?;
        if let Some(booking) = after.live_booking_of(self.id, self.id) {
            let reminder = BookingReminder { way: ReminderWay::Phone, reached: true, remark: None };
            self.in_session(OFFICE, session, &ReceptionCommand::Remind(booking.no, reminder))?;
        }
        Ok(self)
    }

    /// The leader receives the petitioner and orders the organ that handles the case to report within so many days.
    pub fn received(&mut self, session: ReceptionId, opinion: &str, within_days: u64) -> Told<'_, Self> {
        let visit = VisitRequest {
            case: Some(self.id),
            filing: None,
            visitors: words("信访人本人")?,
            head_count: 1,
            requests: words("请求尽快解决信访事项")?,
            answer: Some(words("当场听取了责任单位汇报，向信访人说明了办理程序")?),
            opinion: words(opinion)?,
            instruction: Some(OrderedThere {
                to: self.stage.organ(&self.organ)?,
                report_due_on: self.in_days(within_days)?,
                visit_back: true,
            }),
            charge: None,
        };
        self.at_the_office(OFFICE, "receives a visit", |connection, circumstances| {
            receptions::receive(connection, circumstances, (session, &Expected::Any), &visit)
        })?;
        Ok(self)
    }

    /// The session is written down at its end.
    pub fn session_recorded(&mut self, session: ReceptionId, remark: Option<&str>) -> Told<'_, Self> {
        self.until(WRITTEN_DOWN);
        let record = ReceptionRecord {
            from: NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default(),
            until: NaiveTime::from_hms_opt(11, 20, 0).unwrap_or_default(),
            companions: Vec::new(),
            remark: remark.map(words).transpose()?,
        };
        self.in_session(OFFICE, session, &ReceptionCommand::Record(record))
    }

    fn in_session(&mut self, who: &str, session: ReceptionId, command: &ReceptionCommand) -> Told<'_, Self> {
        let what = format!("gives {}", command.kind());
        self.at_the_office(who, &what, |connection, circumstances| {
            receptions::give(connection, circumstances, (session, &Expected::Any), command)
        })?;
        Ok(self)
    }
}
