//! Limits on what one address may ask for in a minute, told in the `RateLimit` headers (draft-ietf-httpapi-ratelimit).

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, web};
use governor::clock::{Clock, DefaultClock, Reference};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::problem::Problem;
use super::problem::kinds::TOO_MANY_REQUESTS;
use crate::app::App;
use crate::config::Rates;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const WINDOW_SECONDS: u64 = 60;
/// Addresses kept before those that have been quiet are forgotten.
const MOST_ADDRESSES: usize = 10_000;

type Limiter = RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;

/// The limits of one process.
pub struct Limits {
    sign_in: Policy,
    public: Policy,
    evaluation: Policy,
}

struct Policy {
    name: &'static str,
    quota: u32,
    limiter: Limiter,
    begun: <DefaultClock as Clock>::Instant,
    /// The second since `begun` in which quiet addresses were last forgotten.
    last_forgot_at: AtomicU64,
}

/// What one request leaves of its address's quota.
struct Standing {
    left: u32,
    /// Where the quota is used up: how long until the next request is taken.
    wait: Option<Duration>,
}

impl Limits {
    /// Limits after the settings.
    pub fn new(rates: &Rates) -> Self {
        Self {
            sign_in: Policy::new("sign-in", rates.sign_in),
            public: Policy::new("public", rates.public),
            evaluation: Policy::new("evaluation", rates.evaluation),
        }
    }
}

impl Policy {
    fn new(name: &'static str, quota: u32) -> Self {
        let per_minute = NonZeroU32::new(quota).unwrap_or(NonZeroU32::MIN);
        let limiter = RateLimiter::keyed(Quota::per_minute(per_minute)).with_middleware();
        let begun = limiter.clock().now();
        Self { name, quota: per_minute.get(), limiter, begun, last_forgot_at: AtomicU64::new(0) }
    }

    fn take(&self, address: IpAddr) -> Standing {
        if self.limiter.len() > MOST_ADDRESSES && self.is_first_of_its_second() {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(&address) {
            Ok(snapshot) => Standing { left: snapshot.remaining_burst_capacity(), wait: None },
            Err(until) => Standing { left: 0, wait: Some(until.wait_time_from(self.limiter.clock().now())) },
        }
    }

    /// Going through every address on every request would serve whoever floods from many of them.
    fn is_first_of_its_second(&self) -> bool {
        let second = Duration::from(self.limiter.clock().now().duration_since(self.begun)).as_secs();
        self.last_forgot_at.fetch_max(second, Ordering::Relaxed) < second
    }

    fn headers(&self, standing: &Standing) -> [(HeaderName, HeaderValue); 2] {
        let used = u64::from(self.quota.saturating_sub(standing.left));
        let full_again = (used * WINDOW_SECONDS).div_ceil(u64::from(self.quota));
        let Self { name, quota, .. } = self;
        let limit = format!("\"{name}\";r={};t={full_again}", standing.left);
        let policy = format!("\"{name}\";q={quota};w={WINDOW_SECONDS}");
        [(RATE_LIMIT, header_value(&limit)), (RATE_LIMIT_POLICY, header_value(&policy))]
    }
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Limits signing in.
///
/// # Errors
/// What the service inside answers.
pub async fn sign_in(
    app: web::Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    limit(&app, &app.limits.sign_in, request, next).await
}

/// Limits public look-ups.
///
/// # Errors
/// What the service inside answers.
pub async fn public(
    app: web::Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // What a petitioner sends has its own, tighter limit.
    let policy = if request.method().is_safe() { &app.limits.public } else { &app.limits.evaluation };
    limit(&app, policy, request, next).await
}

async fn limit(
    app: &App,
    policy: &Policy,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let standing =
        policy.take(network(client_address(request.request(), app.settings.trusted_proxy_count), 64));
    let headers = policy.headers(&standing);
    if let Some(wait) = standing.wait {
        // A whole second more than cut off, so that who waits as told is not refused again.
        let seconds = wait.as_secs() + 1;
        let mut problem = Problem::new(TOO_MANY_REQUESTS)
            .detail(format!("请在 {seconds} 秒后再试"), format!("Try again in {seconds} seconds"))
            .header(RETRY_AFTER, HeaderValue::from(seconds));
        problem.particulars.headers.extend(headers);
        return Ok(request.error_response(problem));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// The caller's site, from which failed sign-ins are counted: an address, or an IPv6 /48, which is what a subscriber usually gets
/// at the most (RFC 6177).
pub fn client_site(request: &HttpRequest, trusted_proxy_count: usize) -> IpAddr {
    network(client_address(request, trusted_proxy_count), 48)
}

/// The caller's address: of the connection, or the one that the outermost trusted proxy has seen.
pub fn client_address(request: &HttpRequest, trusted_proxy_count: usize) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.ip());
    let Some(hops_back) = trusted_proxy_count.checked_sub(1) else { return peer };
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let seen = forwarded.iter().rev().nth(hops_back).and_then(|address| address.trim().parse().ok());
    seen.unwrap_or(peer)
}

/// An IPv4 address is one; of an IPv6 address the first bits, because a subscriber owns many.
fn network(address: IpAddr, bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let rest = Ipv6Addr::BITS.saturating_sub(bits);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> rest << rest))
        }
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let request = TestRequest::get()
            .peer_addr("10.0.0.1:5000".parse().unwrap())
            .insert_header(("X-Forwarded-For", "6.6.6.6, 203.0.113.9, 10.0.0.2"))
            .to_http_request();
        for (trusted, address) in [(0, "10.0.0.1"), (1, "10.0.0.2"), (2, "203.0.113.9"), (9, "10.0.0.1")] {
            assert_eq!(client_address(&request, trusted), address.parse::<IpAddr>().unwrap(), "{trusted}");
        }
    }

    #[test]
    fn a_subscriber_is_one_network_whichever_of_its_addresses_it_takes() {
        let of = |address: &str, bits| network(address.parse().unwrap(), bits);
        assert_eq!(of("2001:db8:1:2::3", 64), of("2001:db8:1:2:ffff::", 64));
        assert_ne!(of("2001:db8:1:2::3", 64), of("2001:db8:1:3::3", 64));
        assert_eq!(of("2001:db8:1:2::3", 48), of("2001:db8:1:3::3", 48));
        assert_ne!(of("2001:db8:1:2::3", 48), of("2001:db8:2:2::3", 48));
        assert_eq!(of("::ffff:203.0.113.9", 48), of("203.0.113.9", 48));
        assert_ne!(of("203.0.113.9", 48), of("203.0.113.10", 48));
    }

    #[test]
    fn the_quota_is_told_and_ends() {
        let policy = Policy::new("sign-in", 2);
        let one = "203.0.113.9".parse().unwrap();
        let first = policy.take(one);
        let [(_, limit), (_, told)] = policy.headers(&first);
        assert_eq!(
            (limit.to_str().unwrap(), told.to_str().unwrap()),
            ("\"sign-in\";r=1;t=30", "\"sign-in\";q=2;w=60")
        );
        assert!(policy.take(one).wait.is_none());
        assert!(policy.take(one).wait.is_some());
        assert!(policy.take("203.0.113.10".parse().unwrap()).wait.is_none());
    }
}
