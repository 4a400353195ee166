// Tries every way out of a browser that pages have. %TCP%, %UDP% and %OWN% stand for the test's ports and this machine's address.
window.tried = 0;
window.failed = [];
const attempt = (name, way) => {
    window.tried++;
    try { Promise.resolve(way()).catch(() => 0); } catch (error) { window.failed.push(`${name}: ${error}`); }
};
const add = (tag, fields) => {
    const element = Object.assign(document.createElement(tag), fields);
    document.body.append(element);
    return element;
};
const hosts = ['127.0.0.1:%TCP%', '%OWN%:%TCP%', 'localhost:%TCP%', '[::1]:%TCP%', '10.9.8.7', 'name.example'];
const sockets = host => {
    attempt('ws', () => new WebSocket(`ws://${host}/`));
    attempt('wss', () => new WebSocket(`wss://${host}/`));
    attempt('webtransport', () => { const way = new WebTransport(`https://${host}/`); way.closed.catch(() => 0); return way.ready; });
};
const frame = add('iframe', {name: 'frame'});
for (const host of hosts) {
    sockets(host);
    attempt('eventsource', () => new EventSource(`//${host}/events`));
    attempt('beacon', () => navigator.sendBeacon(`//${host}/beacon`, 'x'));
    attempt('fetch', () => fetch(`//${host}/fetch`, {mode: 'no-cors'}));
    attempt('post', () => fetch(`//${host}/post`, {method: 'POST', body: 'x', mode: 'no-cors', keepalive: true}));
    for (const rel of ['prefetch', 'dns-prefetch', 'preconnect', 'prerender', 'preload', 'modulepreload', 'icon', 'manifest', 'stylesheet'])
        attempt(rel, () => document.head.append(Object.assign(document.createElement('link'), {rel, as: 'script', href: `//${host}/${rel}`})));
    attempt('image', () => { new Image().src = `//${host}/image.png`; });
    attempt('video', () => add('video', {src: `//${host}/video.mp4`, autoplay: true, muted: true}));
    attempt('object', () => add('object', {data: `//${host}/object`}));
    attempt('frame', () => add('iframe', {src: `//${host}/frame`}));
    attempt('popup', () => window.open(`//${host}/popup`));
    attempt('ping', () => add('a', {href: '#here', ping: `//${host}/ping`}).click());
    attempt('download', () => add('a', {href: `//${host}/file.bin`, download: 'file.bin', target: 'frame'}).click());
    attempt('form', () => add('form', {method: 'post', target: 'frame', action: `//${host}/form`}).submit());
}
const work = `
    const asked = [];
    for (const host of ${JSON.stringify(hosts)}) {
        const ways = [
            () => new WebSocket('ws://' + host), () => new WebSocket('wss://' + host), () => fetch('http://' + host),
            () => fetch('https://' + host), () => new EventSource('https://' + host), () => importScripts('https://' + host),
            () => { const way = new WebTransport('https://' + host); way.closed.catch(() => 0); return way.ready; },
        ];
        for (const way of ways) try { Promise.resolve(way()).catch(() => 0); } catch (error) { asked.push(error); }
    }`;
attempt('worker', () => new Worker(URL.createObjectURL(new Blob([work]))));
attempt('module worker', () => new Worker('/worker.js', {type: 'module'}));
attempt('shared worker', () => new SharedWorker('/worker.js'));
attempt('service worker', () => navigator.serviceWorker.register('/worker.js'));
attempt('speculation', () => add('script', {type: 'speculationrules', textContent: JSON.stringify({
    prefetch: [{source: 'list', urls: hosts.map(host => `https://${host}/speculation`)}],
    prerender: [{source: 'list', urls: ['/prerendered']}]})}));
const calls = async (RTC, iceServers, candidates) => {
    const here = new RTC({iceServers, iceCandidatePoolSize: 4}), there = new RTC();
    here.createDataChannel('x');
    here.onicecandidate = event => event.candidate && there.addIceCandidate(event.candidate);
    there.onicecandidate = event => event.candidate && here.addIceCandidate(event.candidate);
    await here.setLocalDescription(await here.createOffer());
    await there.setRemoteDescription(here.localDescription);
    await there.setLocalDescription(await there.createAnswer());
    await here.setRemoteDescription(there.localDescription);
    for (const candidate of candidates) await here.addIceCandidate({candidate, sdpMid: '0'});
};
const servers = ['127.0.0.1', '%OWN%', 'localhost', '10.9.8.7', 'name.example'].flatMap(host => [
    {urls: `stun:${host}:%UDP%`},
    ...[`turn:${host}:%UDP%?transport=udp`, `turn:${host}:%TCP%?transport=tcp`, `turns:${host}:%TCP%`].map(
        urls => ({urls, username: 'u', credential: 'c'}))]);
const candidates = ['127.0.0.1', '%OWN%', 'name.local'].flatMap(host => [
    `candidate:1 1 udp 2122260223 ${host} %UDP% typ host`,
    `candidate:2 1 tcp 1518280447 ${host} %TCP% typ host tcptype passive`]);
for (const RTC of [() => window.RTCPeerConnection, () => frame.contentWindow.RTCPeerConnection])
    for (const server of servers) attempt('webrtc', () => calls(RTC(), [server], candidates));
