// An online school that follows its learners. Run it with: node examples/course-module-progress/node.mjs
import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({
  writeKey: process.env.MILLRACE_WRITE_KEY ?? 'wk_web',
  host: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8420',
})

const learner = { id: 'user-401', email: 'eve@example.com' }
const course = { id: 'course-sql', name: 'SQL for analysts', modules: ['Select', 'Join'] }

const about = (number) => ({
  course_id: course.id,
  course_name: course.name,
  module_number: number,
  module_name: course.modules[number - 1],
})

function startModule(number) {
  analytics.track({ userId: learner.id, event: 'Module Started', properties: about(number) })
}

function completeModule(number, score) {
  analytics.track({ userId: learner.id, event: 'Module Completed', properties: { ...about(number), score } })
  // An event says what happened; a trait says how things are now, and that is what segments and letters are made of.
  const percent = Math.round((100 * number) / course.modules.length)
  analytics.identify({ userId: learner.id, traits: { course_progress: percent } })
}

analytics.identify({ userId: learner.id, traits: { email: learner.email, course_progress: 0 } })
startModule(1)
completeModule(1, 87)
startModule(2)

await analytics.closeAndFlush()
