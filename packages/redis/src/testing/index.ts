export { freePort, RedisServer, type RedisServerOptions, redisServerBinary } from "./redis-server.ts";
