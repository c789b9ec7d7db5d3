//! Why somebody reads what only some may read: asked for, and recorded.

use domain::text::Line;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::paging::bad_parameter;
use crate::http::problem::Problem;

/// What a reading is for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PurposeQuery {
    /// What the reading is for, 1 to 200 characters; required for an accusation and for particulars in full, and recorded.
    #[param(example = "核对送达地址")]
    purpose: Option<String>,
}

impl PurposeQuery {
    /// The purpose, if one was stated.
    ///
    /// # Errors
    /// As [`stated`].
    pub fn stated(&self) -> Result<Option<Line>, Problem> {
        stated(self.purpose.as_deref())
    }
}

/// The purpose, if one was stated.
///
/// # Errors
/// The text is blank or too long.
pub fn stated(purpose: Option<&str>) -> Result<Option<Line>, Problem> {
    purpose.map(Line::parse).transpose().map_err(|_text| bad_parameter("purpose", "invalid_value"))
}
