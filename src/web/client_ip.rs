//! The client's address: the socket's peer, unless the peer is a configured proxy; then the
//! right-most address of X-Forwarded-For that is no configured proxy. Nothing else is believed.
//! ASVS 4.1.3, 15.3.4.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use ipnet::IpNet;

/// Why a request has no address that can be trusted.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Works out the address. `Unreadable` is to be answered with a refusal, not skipped.
pub fn client_ip(req: &HttpRequest, trusted: &[IpNet]) -> Result<IpAddr, Unreadable> {
    let peer = canonical(req.peer_addr().ok_or(Unreadable)?.ip());
    let mut forwarded = Vec::new();
    for header in req.headers().get_all("x-forwarded-for") {
        forwarded.push(header.to_str().map_err(|_| Unreadable)?.to_owned());
    }
    resolve(peer, &forwarded.join(","), trusted)
}

/// The same on plain values. `forwarded` is the whole header, lists joined by commas.
pub fn resolve(peer: IpAddr, forwarded: &str, trusted: &[IpNet]) -> Result<IpAddr, Unreadable> {
    let is_proxy = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    if !is_proxy(&peer) || forwarded.trim().is_empty() {
        return Ok(peer);
    }
    let mut last = peer;
    for hop in forwarded.rsplit(',') {
        last = canonical(hop.trim().parse().map_err(|_| Unreadable)?);
        if !is_proxy(&last) {
            break;
        }
    }
    Ok(last)
}

/// What limits per address count: an IPv4 address, or the /56 that one IPv6 customer has.
pub fn limited_as(ip: IpAddr) -> String {
    if ip.is_ipv4() { ip.to_string() } else { network(ip) }
}

/// The network that shares limits: /24 for IPv4, /56 for IPv6.
pub fn network(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(v6) => {
            let mut octets = v6.octets();
            octets[7..].fill(0);
            format!("{}/56", std::net::Ipv6Addr::from(octets))
        }
    }
}

fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// ASVS 4.1.3, 15.3.4.
    #[test]
    fn only_a_configured_proxy_is_believed() {
        let trusted = ["10.0.0.0/8".parse().expect("a range")];
        assert_eq!(resolve(ip("203.0.113.9"), "1.1.1.1", &trusted), Ok(ip("203.0.113.9")));
        assert_eq!(resolve(ip("10.0.0.1"), "1.1.1.1, 198.51.100.7", &trusted), Ok(ip("198.51.100.7")));
        assert_eq!(resolve(ip("10.0.0.1"), "198.51.100.7, 10.0.0.2", &trusted), Ok(ip("198.51.100.7")));
        assert_eq!(resolve(ip("10.0.0.1"), "::ffff:198.51.100.7", &trusted), Ok(ip("198.51.100.7")));
        assert_eq!(resolve(ip("10.0.0.1"), "nonsense", &trusted), Err(Unreadable));
        assert_eq!(resolve(ip("10.0.0.1"), "1.1.1.1, ", &trusted), Err(Unreadable));
        assert_eq!(resolve(ip("10.0.0.1"), "", &trusted), Ok(ip("10.0.0.1")));
    }

    #[test]
    fn networks_are_shared() {
        assert_eq!(network(ip("203.0.113.9")), "203.0.113.0/24");
        assert_eq!(limited_as(ip("203.0.113.9")), "203.0.113.9");
        assert_eq!(limited_as(ip("2001:db8:1:2ff::9")), "2001:db8:1:200::/56");
        assert_eq!(network(ip("2001:db8:1:2ff::9")), "2001:db8:1:200::/56");
    }
}
