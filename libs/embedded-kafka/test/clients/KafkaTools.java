import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Scanner;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Apache Kafka's own tools one after the other in one JVM, because the start of a JVM is what takes their time.
 * A line of standard input is one call: what the tool reads from its own standard input, the class with the tool's
 * main, its arguments, all divided by tabs. The answer is the exit status and the output, ended by a line of its own.
 */
public class KafkaTools {
  /** The first exit counts: some tools take the exception below for a failure, and exit once more. */
  private static Integer exitStatus;

  private static void exit(int status, String message) {
    if (exitStatus == null) exitStatus = status;
    throw new RuntimeException("exit");
  }

  public static void main(String[] none) throws Exception {
    PrintStream answers = System.out;
    Exit.setExitProcedure(KafkaTools::exit);
    Exit.setHaltProcedure(KafkaTools::exit);
    Scanner calls = new Scanner(System.in, StandardCharsets.UTF_8);
    while (calls.hasNextLine()) {
      String[] call = calls.nextLine().split("\t", -1);
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      System.setIn(new ByteArrayInputStream(call[0].replace(' ', '\n').getBytes(StandardCharsets.UTF_8)));
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      int status = run(call[1], Arrays.copyOfRange(call, 2, call.length));
      answers.println("exit " + status);
      answers.println(output.toString(StandardCharsets.UTF_8).strip());
      answers.println("----");
    }
    System.exit(0);
  }

  private static int run(String tool, String[] arguments) throws Exception {
    exitStatus = null;
    try {
      Class.forName(tool).getMethod("main", String[].class).invoke(null, (Object) arguments);
      return exitStatus == null ? 0 : exitStatus;
    } catch (InvocationTargetException failed) {
      if (exitStatus != null) return exitStatus;
      failed.getCause().printStackTrace();
      return 1;
    }
  }
}
