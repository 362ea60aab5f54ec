/** The name the gateway goes by in Via, Cache-Status and Proxy-Status. */
export const PSEUDONYM = "headgate";
