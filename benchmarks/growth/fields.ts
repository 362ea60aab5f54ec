import { REQUEST_FIELDS } from "../src/request-fields.ts";

type Fields = Readonly<Record<string, string>>;

const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const BRANDS = '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"';

/** What Chrome sends with its client hints on. */
const BROWSER: Fields = {
  ...{ "sec-ch-ua": BRANDS, "sec-ch-ua-mobile": "?0", "sec-ch-ua-platform": '"Linux"', "sec-ch-ua-arch": '"x86"' },
  ...{ "sec-ch-ua-bitness": '"64"', "sec-ch-ua-full-version-list": BRANDS, "sec-ch-ua-model": '""' },
  ...{ "sec-ch-ua-platform-version": '"6.18.0"', "sec-ch-ua-wow64": "?0", "sec-ch-prefers-color-scheme": "dark" },
  ...{ "sec-ch-prefers-reduced-motion": "no-preference", "viewport-width": "1440", dpr: "2", "device-memory": "8" },
  ...{ downlink: "10", ect: "4g", rtt: "50", "save-data": "on", dnt: "1", "sec-gpc": "1" },
  ...{ "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", Priority: "u=1, i" },
  ...{ "Accept-Encoding": "identity", "Cache-Control": "max-age=600", Pragma: "akamai-x-cache-on" },
  ...{ Origin: "https://shop.example.com", Referer: "https://shop.example.com/articles/summer?page=3&sort=price" },
  Cookie:
    "session=5f2b7c1e9a4d4c6f8e0b1a2c3d4e5f60; theme=dark; locale=en-GB; cart=eyJpdGVtcyI6WzEsMiwzXX0; _ga=GA1.2.1234567890.1700000000; consent=all",
};

/** What proxies on the way and the scripts of a page add. */
const ADDED: Fields = {
  ...{
    "X-Requested-With": "XMLHttpRequest",
    "X-CSRF-Token": "b7c1e9a45f2b4c6f8e0b1a2c3d4e5f60",
    "X-App-Version": "4.21.0",
  },
  ...{ "X-Client-Id": "web-7f3a", "X-Device-Id": "0a1b2c3d4e5f", "X-Locale": "en-GB", "X-Timezone": "Europe/Berlin" },
  ...{
    "X-Feature-Flags": "checkout-v2,search-v3",
    "X-Session-Age": "371",
    "X-Page-Id": "articles",
    "X-Tenant": "shop",
  },
  ...{ "X-B3-TraceId": "80f198ee56343ba864fe8b2a57d3eff7", "X-B3-SpanId": "e457b5a2e4d86bd1", "X-B3-Sampled": "1" },
  ...{
    "X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678",
    "X-Cloud-Trace-Context": "105445aa7843bc8b/1;o=1",
  },
  ...{ "CF-Ray": "230b030023ae2822-SJC", "CF-IPCountry": "DE", "CF-Visitor": '{"scheme":"https"}', "CDN-Loop": "cdn" },
  ...{ "X-Edge-Location": "FRA56", "X-Edge-Request-Id": "k2b7c1e9a4d4c6f8", "X-Cache-Key": "shop-articles" },
  ...{ "X-Original-Path": "/articles", "X-Rewrite-Rule": "none" },
};

/** So many fields as browsers send, those that every request of the benchmarks has first. Throws where there are not so many. */
export function requestFields(count: number): Fields {
  const all = Object.entries({ ...REQUEST_FIELDS, "User-Agent": CHROME, ...BROWSER, ...ADDED });
  if (all.length < count) throw new Error(`there are ${all.length} fields, not ${count}`);
  return Object.fromEntries(all.slice(0, count));
}
